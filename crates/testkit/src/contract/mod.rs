//! What every store promises, a test a promise; fakes and adapters run the same ones.
//!
//! An adapter's test file says how to get an empty store and expands [`contract_tests!`](crate::contract_tests):
//!
//! ```
//! use std::sync::Arc;
//! use doorward_testkit::contract::EmptyStore;
//! use doorward_testkit::fake::MemoryStore;
//!
//! async fn empty_store() -> EmptyStore {
//!     EmptyStore::new(Arc::new(MemoryStore::default()))
//! }
//!
//! doorward_testkit::contract_tests!(empty_store);
//! # fn main() {}
//! ```
//!
//! A store that needs a service says `async fn empty_store() -> Option<EmptyStore>`; where that is `None`, there is
//! nothing to hold the contract against, and the tests are left out.
//!
//! The adapter's crate needs `tokio` with `macros` and `rt-multi-thread` among its dev-dependencies.

pub mod archive;
pub mod audit;
pub mod deeds;
pub mod documents;
pub mod epochs;
pub mod intake;
pub mod keys;
pub mod revocations;
pub mod sessions;
pub mod throttle;
pub mod users;

mod at_once;
mod port;
mod store;

pub use port::Fresh;
pub use store::{EmptyStore, Store};

/// Expands to one test a promise of the store ports, named like the promise.
///
/// Takes the name of an `async fn` that stands beside it and answers an `EmptyStore`, or an `Option` of one where it
/// needs a service that may be missing; it is called once a test, and tests run at once.
#[macro_export]
macro_rules! contract_tests {
    (@each $empty_store:ident $port:ident $($promise:ident)+) => {
        mod $port {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    let empty = super::$empty_store().await;
                    let Some(empty) = Option::<$crate::contract::EmptyStore>::from(empty) else { return };
                    $crate::contract::$port::$promise(empty.store()).await;
                }
            )+
        }
    };
    ($empty_store:ident) => {
        $crate::contract_tests! { @each $empty_store keys
            a_new_store_has_no_keys_registered
            the_first_keys_are_registered
            whoever_comes_second_is_told_the_first_ones_keys
            of_many_that_register_at_once_one_is_first_with_all_its_keys
            keys_that_are_registered_anew_replace_all_others
            amending_changes_what_is_named_and_nothing_else
            of_many_that_amend_at_once_nobody_undoes_what_another_did
            registered_keys_are_told_by_name
        }
        $crate::contract_tests! { @each $empty_store epochs
            a_new_store_has_no_epoch
            the_first_epoch_begins
            an_epoch_begins_after_the_one_that_was_seen_and_no_other
            an_epoch_begins_where_the_one_that_was_seen_is_lost
            of_many_epochs_that_begin_at_once_all_are_told_the_same
            an_epoch_that_begins_twice_begins_once
            an_epoch_without_a_witness_is_read_back_without
        }
        $crate::contract_tests! { @each $empty_store archive
            accounts_are_taken_in_with_everything_they_have
            accounts_are_handed_out_by_identifier_each_once
            an_account_that_is_there_stays_as_it_is
            accounts_are_taken_in_all_or_none
            nothing_is_taken_in_and_nothing_handed_out_where_there_is_nothing
            sessions_are_taken_in_live_or_ended
            sessions_of_nobody_are_not_taken_in
            accounts_are_removed_with_their_sessions_admins_too
            sessions_are_removed_alone
            the_audit_log_is_taken_in_and_handed_out_by_identifier_each_once
            entries_of_the_audit_log_are_removed_alone
            a_transfer_is_unfinished_until_it_is_finished
            a_transfer_that_has_begun_from_elsewhere_goes_on
            of_many_transfers_that_begin_at_once_one_has_begun
            nothing_is_touched_where_no_transfer_has_begun
        }
        $crate::contract_tests! { @each $empty_store audit
            a_new_log_is_empty
            an_entry_is_read_back_as_it_was_recorded
            what_is_not_known_here_is_read_back_as_it_was_recorded
            every_action_and_outcome_is_read_back_as_itself
            an_entry_that_is_recorded_twice_is_there_once_as_it_was_first
            of_many_that_record_at_once_each_entry_is_there_once
            the_log_is_listed_newest_first_and_within_a_moment_by_name
            entries_are_found_by_who_did_it
            entries_are_found_by_whom_they_are_about
            entries_are_found_by_what_was_done_and_what_came_of_it
            entries_are_found_by_their_request
            entries_are_found_by_when_it_was
            everything_that_is_asked_for_must_hold
            a_walk_through_the_log_meets_every_entry_once
            a_walk_goes_on_where_the_last_entry_met_is_forgotten
            the_oldest_entries_are_forgotten_first
            an_entry_of_the_very_time_is_not_forgotten
            what_is_forgotten_begins_beyond_a_place
            of_two_that_forget_at_once_neither_counts_what_the_other_did
        }
        $crate::contract_tests! { @each $empty_store deeds
            a_change_is_told_of_with_all_its_entries
            an_account_that_is_added_is_told_of_once
            an_account_that_is_not_added_is_not_told_of
            a_change_that_is_not_made_is_not_told_of
            a_removal_is_told_of_and_removes_no_entry
            a_removal_that_is_not_made_is_not_told_of
            a_login_is_told_of_once
            a_login_that_opens_nothing_is_not_told_of
            a_change_of_password_is_told_of_once
            a_change_of_password_that_is_not_made_is_not_told_of
            a_password_that_is_set_is_told_of_once_with_how_many_sessions_ended
            a_password_that_is_set_for_nobody_is_not_told_of
            a_token_that_is_used_again_is_told_of_with_whose_it_was
            a_token_that_is_not_used_again_is_not_told_of
            an_end_is_told_of_once_and_only_where_a_session_ends
            whoever_has_the_right_changes_ends_and_removes
            a_member_does_nothing_that_needs_an_admin
            a_member_does_what_needs_no_admin
            whoever_is_no_admin_any_more_is_denied
            whose_session_has_ended_is_denied
            whose_session_has_expired_is_denied
            whose_account_is_closed_is_denied
            whose_account_is_gone_is_denied
            whoever_has_no_session_is_denied
            whoever_gives_up_the_right_by_it_has_it_still
            a_session_that_has_ended_ends_nothing_more
            of_many_who_want_one_address_at_once_the_one_who_gets_it_is_told_of
            of_many_changes_at_once_the_one_that_is_made_is_told_of
            of_many_that_show_a_spent_token_at_once_one_is_told_of
            of_many_ends_at_once_those_that_ended_something_are_told_of
            of_two_admins_who_demote_each_other_at_once_one_comes_too_late
            a_change_and_the_end_of_its_session_at_once_are_one_after_the_other
        }
        $crate::contract_tests! { @each $empty_store intake
            accounts_that_come_together_are_read_back_as_they_were
            where_nobody_comes_nothing_happens
            who_is_there_already_exists_and_is_not_changed
            the_same_accounts_that_come_again_exist
            an_address_of_somebody_else_is_taken_and_all_others_are_added
            of_two_that_come_together_and_want_the_same_the_first_gets_it
            an_identifier_of_somebody_else_is_taken
            a_rehearsal_answers_the_same_and_changes_nothing
            of_many_that_bring_the_same_accounts_at_once_each_account_is_added_by_one
            a_registration_and_an_intake_at_once_give_an_address_to_one
        }
        $crate::contract_tests! { @each $empty_store users
            a_removed_account_is_gone_with_its_sessions
            a_removal_leaves_everybody_else_alone
            removing_nobody_finds_nobody
            an_account_that_is_added_again_has_none_of_its_sessions
            a_removal_frees_both_addresses
            a_login_and_a_removal_at_once_leave_no_session
            no_filter_lists_everybody
            a_list_has_full_documents
            a_list_has_every_change_that_was_made_before_it_was_asked_for
            who_comes_back_under_an_identifier_is_listed_as_they_are_now
            a_full_name_is_found_by_its_beginning
            letter_case_is_folded_in_ascii_only
            wildcards_in_a_prefix_are_plain_characters
            an_address_is_searched_only_when_that_is_asked
            accounts_are_filtered_by_role
            accounts_are_filtered_by_state
            accounts_are_filtered_by_user_type
            accounts_are_filtered_by_when_they_were_opened
            who_is_logged_in_has_a_recent_login_and_a_live_session
            somebody_with_many_sessions_is_listed_once
            everything_given_must_hold
            a_full_document_is_read_back_as_it_was_written
            an_empty_document_is_read_back_empty
            a_document_of_the_greatest_size_is_read_back
            an_account_is_found_by_any_spelling_of_its_username
            an_account_is_found_by_any_spelling_of_its_email
            nobody_is_found_where_nobody_is
            adding_the_same_account_twice_is_no_error
            adding_the_same_account_again_does_not_undo_a_change
            a_username_is_taken_once
            an_email_is_taken_once
            a_username_is_nobody_elses_email
            a_refused_account_takes_no_address
            of_many_accounts_that_want_one_address_at_once_one_gets_it
            username_and_email_that_want_one_address_at_once_do_not_both_get_it
            accounts_with_different_addresses_are_all_added_at_once
            the_last_admin_can_be_neither_demoted_nor_closed
            a_closed_admin_does_not_count_as_one_who_remains
            other_changes_are_free_while_one_admin_remains
            where_there_is_no_admin_none_is_missed
            the_last_admin_cannot_be_removed
            two_admins_who_demote_each_other_at_once_leave_one
            two_admins_who_remove_each_other_at_once_leave_one
            demoting_one_admin_and_removing_the_other_at_once_leaves_one
            a_changed_password_is_stored
            the_session_that_asks_goes_on_with_a_new_pair
            every_other_session_of_the_account_ends
            a_change_that_saw_another_password_is_stale
            a_session_that_is_not_live_changes_no_password
            a_change_of_password_carried_out_twice_is_one_change
            of_many_changes_at_once_one_is_done
            of_two_changes_by_one_session_at_once_one_is_stale
            a_login_and_a_change_of_password_at_once_leave_no_session_of_the_old_one
            a_password_that_is_set_replaces_the_one_before
            a_password_that_is_set_ends_every_session_of_the_account
            a_password_of_nobody_is_not_set
            a_password_of_a_closed_account_is_set_and_the_account_stays_closed
            a_password_that_is_set_again_undoes_nothing_that_came_after
            a_login_and_a_password_that_is_set_at_once_leave_no_session_of_the_old_one
            a_change_and_a_password_that_is_set_at_once_leave_the_one_that_was_set
            of_many_passwords_that_are_set_at_once_each_session_is_answered_to_one
            an_update_replaces_the_document
            an_update_touches_neither_password_nor_last_login
            an_update_of_another_version_is_stale
            of_many_updates_at_once_one_is_written
            an_update_of_nobody_finds_nobody
            an_update_cannot_take_anothers_address
            an_account_may_take_its_own_addresses
            a_change_of_address_frees_the_old_one
            a_change_of_address_never_frees_the_username
            of_many_updates_to_one_address_at_once_one_gets_it
            closing_an_account_ends_its_sessions
            an_update_of_an_open_account_ends_no_session
            opening_an_account_again_revives_no_session
            a_login_and_a_closing_at_once_leave_no_session
            a_list_is_in_order
            a_page_has_at_most_its_limit
            a_walk_meets_everybody_once
            a_walk_misses_nobody_when_others_arrive
            a_walk_goes_on_when_the_last_one_met_is_removed
            a_walk_keeps_to_its_filter
        }
        $crate::contract_tests! { @each $empty_store sessions
            an_end_is_kept_with_its_time_and_reason
            the_first_end_counts
            ending_a_session_that_is_not_there_is_no_error
            an_end_leaves_other_sessions_alone
            an_end_does_not_touch_the_account
            of_many_ends_at_once_one_is_kept_whole
            one_session_of_several_ends
            every_session_but_one_ends
            every_session_of_an_account_ends
            a_session_of_another_account_is_not_ended_by_its_name
            sparing_a_session_of_another_account_spares_none
            sessions_that_are_over_do_not_end_again
            where_there_is_no_session_none_ends
            what_has_ended_does_not_end_again
            of_many_ends_at_once_each_session_is_answered_to_one
            live_sessions_are_listed_newest_first
            sessions_that_are_over_are_not_listed_as_live
            sessions_of_others_are_not_listed_as_ones_own
            a_live_session_is_listed_as_it_is_now
            every_live_session_is_listed
            ended_sessions_are_listed_by_when_they_ended
            however_a_session_ends_it_is_listed_as_ended
            live_and_expired_sessions_are_not_listed_as_ended
            ended_sessions_are_listed_from_the_very_time_that_is_asked_for
            a_walk_meets_every_ended_session_once
            a_walk_that_goes_on_before_its_beginning_begins_there
            the_sessions_of_a_removed_account_are_not_listed_as_ended
            a_session_lives_until_it_expires
            an_ended_session_is_not_live
            a_session_that_has_ended_is_not_live_for_whoever_asks_then
            a_session_that_was_never_opened_is_not_live
            a_live_session_comes_with_the_account_as_it_is_now
            looking_at_a_session_changes_nothing
            a_session_is_read_back_as_it_was_opened
            a_login_is_noted_on_the_account
            a_new_hash_is_stored_with_the_login
            a_hash_that_changed_meanwhile_opens_nothing
            a_closed_account_opens_nothing
            a_removed_account_opens_nothing
            a_refused_login_ends_no_session
            a_login_carried_out_twice_is_one_login
            beyond_the_limit_the_oldest_session_ends
            a_lowered_limit_ends_several_sessions
            ended_and_expired_sessions_and_those_of_others_do_not_count
            the_session_just_opened_is_not_the_one_that_ends
            logins_at_once_do_not_pass_the_limit
            a_login_keeps_a_change_made_meanwhile
            the_current_token_is_spent_for_its_successor
            tokens_follow_one_another
            a_rotation_does_not_touch_the_account
            the_token_spent_last_is_replayed_within_the_window
            the_token_spent_last_ends_the_session_after_the_window
            without_a_window_nothing_is_replayed
            any_other_token_ends_the_session
            an_ended_session_rotates_no_more
            an_expired_session_rotates_no_more
            an_idle_session_rotates_no_more
            a_session_that_is_not_there_does_not_rotate
            a_rotation_carried_out_twice_is_one_rotation
            a_rotation_leaves_other_sessions_alone
            of_many_that_show_one_token_at_once_all_get_one_successor
            without_a_window_many_that_show_one_token_at_once_end_the_session
            a_rotation_and_an_end_at_once_leave_the_session_ended
            different_sessions_rotate_at_once
        }
    };
}
