//! How the contract of a port that stands beside the stores is run.

use std::any::Any;
use std::sync::Arc;

/// A port that knows nothing yet and is in reach, and what must live as long as it does.
pub struct Fresh<P: ?Sized> {
    port: Arc<P>,
    _kept: Box<dyn Any>,
}

impl<P: ?Sized> Fresh<P> {
    /// A port that needs nothing else.
    pub fn new(port: Arc<P>) -> Self {
        Self::keeping(port, ())
    }

    /// A port that lasts only while `kept` does, such as its server; `kept` is dropped after it.
    pub fn keeping(port: Arc<P>, kept: impl Any) -> Self {
        Self { port, _kept: Box::new(kept) }
    }

    /// The port.
    pub fn port(&self) -> Arc<P> {
        self.port.clone()
    }
}

/// Expands to one test a promise of `Revocations`, `UserDocuments` or `LoginThrottle`, named like the promise.
///
/// Takes which of them, and the name of an `async fn` that stands beside it and answers a fresh one, or an `Option` of
/// that where it needs a service that may be missing; it is called once a test, and tests run at once.
///
/// ```
/// use std::sync::Arc;
/// use doorward_domain::port::LoginThrottle;
/// use doorward_testkit::contract::Fresh;
/// use doorward_testkit::fake::MapThrottle;
///
/// async fn fresh_throttle() -> Fresh<dyn LoginThrottle> {
///     Fresh::new(Arc::new(MapThrottle::default()))
/// }
///
/// doorward_testkit::port_contract_tests!(throttle: fresh_throttle);
/// # fn main() {}
/// ```
///
/// Where a service takes long to start, one test is about all promises, one after another: it takes the name of an
/// `async fn` that answers the service, or `None` where it is missing, and of one that makes a fresh port of it each
/// time.
///
/// ```
/// # use std::sync::Arc;
/// # use doorward_domain::port::LoginThrottle;
/// # use doorward_testkit::contract::Fresh;
/// # use doorward_testkit::fake::MapThrottle;
/// async fn start() -> Option<()> {
///     Some(())
/// }
///
/// async fn fresh_throttle(_service: &()) -> Fresh<dyn LoginThrottle> {
///     Fresh::new(Arc::new(MapThrottle::default()))
/// }
///
/// doorward_testkit::port_contract_tests!(throttle of start: fresh_throttle);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! port_contract_tests {
    (@each $fresh:ident $port:ident $type:ident $($promise:ident)+) => {
        mod $port {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    type Port = dyn $crate::contract::$port::$type;
                    let fresh = super::$fresh().await;
                    let Some(fresh) = Option::<$crate::contract::Fresh<Port>>::from(fresh) else { return };
                    $crate::contract::$port::$promise(fresh.port()).await;
                }
            )+
        }
    };
    (@all $start:ident $fresh:ident $port:ident $type:ident $($promise:ident)+) => {
        mod $port {
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn every_promise_is_kept() {
                let Some(service) = super::$start().await else { return };
                $(
                    let fresh: $crate::contract::Fresh<dyn $crate::contract::$port::$type> =
                        super::$fresh(&service).await;
                    $crate::contract::$port::$promise(fresh.port()).await;
                    drop(fresh);
                )+
            }
        }
    };
    ($port:ident: $fresh:ident) => {
        $crate::port_contract_tests! { @$port each $fresh }
    };
    ($port:ident of $start:ident: $fresh:ident) => {
        $crate::port_contract_tests! { @$port all $start $fresh }
    };
    (@revocations $how:ident $($fresh:ident)+) => {
        $crate::port_contract_tests! { @$how $($fresh)+ revocations Revocations
            a_token_that_nobody_knows_is_unknown_and_its_account_has_a_stamp
            a_stamp_stays_until_a_change
            accounts_have_stamps_of_their_own
            of_many_that_ask_for_an_account_at_once_all_are_told_one_stamp
            a_confirmed_session_is_live_under_its_stamp
            a_session_is_confirmed_for_all_its_tokens
            a_session_is_not_confirmed_by_another_one
            confirming_again_changes_nothing
            confirming_under_an_old_stamp_is_worth_nothing
            confirming_under_another_accounts_stamp_is_worth_nothing
            a_change_makes_every_session_of_the_account_unknown
            a_change_is_nobody_elses
            a_change_answers_the_stamp_that_is_found_afterwards
            no_two_changes_give_the_same_stamp
            a_session_is_confirmed_again_after_a_change
            of_many_changes_at_once_each_has_a_stamp_and_one_of_them_stays
            what_is_confirmed_while_the_account_changes_is_not_live_afterwards
            a_revoked_token_is_revoked_and_no_other
            a_revoked_session_is_revoked_with_all_its_tokens_and_no_other
            what_is_revoked_cannot_be_confirmed
            many_things_are_revoked_at_once
            what_has_expired_already_is_revoked_without_effect
            a_revocation_is_never_shortened
            revoking_again_changes_nothing
        }
    };
    (@documents $how:ident $($fresh:ident)+) => {
        $crate::port_contract_tests! { @$how $($fresh)+ documents UserDocuments
            nothing_is_found_where_nothing_was_kept
            a_full_copy_is_read_back_as_it_was_written
            an_empty_copy_is_read_back_empty
            a_copy_of_the_greatest_size_is_read_back
            a_copy_is_found_under_its_own_stamp_only
            accounts_do_not_find_each_others_copies
            a_newer_copy_replaces_the_older_one
            a_copy_of_a_higher_version_is_not_replaced
            the_same_version_is_found_under_the_stamp_it_was_kept_with_last
            keeping_a_copy_twice_is_keeping_it
            of_many_copies_at_once_the_newest_stays
            an_account_whose_address_changed_is_found
            an_address_that_went_to_somebody_else_is_theirs
            accounts_that_swap_their_addresses_are_both_found
            a_deleted_copy_is_gone
            deleting_what_is_not_there_is_no_error
            a_deleted_account_leaves_its_address_to_others
        }
    };
    (@throttle $how:ident $($fresh:ident)+) => {
        $crate::port_contract_tests! { @$how $($fresh)+ throttle LoginThrottle
            a_burst_passes_and_then_nothing_until_the_wait_is_over
            other_keys_are_not_affected
            other_scopes_are_not_affected
            what_is_forgotten_was_never_taken
            without_a_rate_everything_passes
            the_strictest_rate_refuses_and_takes_nothing_from_the_others
            of_several_waits_the_longest_is_told
            being_refused_costs_nothing
            what_is_given_back_can_be_taken_again
            no_more_is_given_back_than_was_taken
            what_is_given_back_is_given_back_under_every_rate
            of_many_at_once_no_more_than_the_burst_pass
            nobody_is_vouched_for_at_first
            whoever_is_vouched_for_is_so_with_this_key_only
            vouching_for_no_time_is_not_vouching
            vouching_again_is_vouching
            vouching_and_counting_are_apart
        }
    };
}
