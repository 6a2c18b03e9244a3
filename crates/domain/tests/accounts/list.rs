//! Lists of accounts.

use std::time::Duration;

use doorward_domain::accounts::{AccountRules, Directory, ListError, ListRequest, MemberField, Page};
use doorward_domain::port::{
    Direction, LoggedInSince, MockUserRepository, SortKey, UserFilter, UserRepository,
};
use doorward_domain::sessions::SessionRules;
use doorward_domain::user::{Channel, Role, StreamingHistory, User, UserId, UserTypeName, UserTypes};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{accounts_on, out_of_reach};

const FIVE_HOURS: Duration = Duration::from_secs(5 * 60 * 60);

fn first(limit: usize) -> ListRequest {
    ListRequest { limit, ..ListRequest::default() }
}

fn only(filter: UserFilter) -> ListRequest {
    ListRequest { filter, ..first(50) }
}

fn ids(page: &Page) -> Vec<UserId> {
    page.users.iter().map(|user| user.id).collect()
}

async fn with_people(numbers: std::ops::RangeInclusive<u32>) -> Service {
    let service = Service::default();
    for number in numbers {
        service.store.insert(&sample::user(number), &[]).await.unwrap();
    }
    service
}

#[tokio::test]
async fn a_walk_through_the_pages_meets_everybody_and_ends() {
    let service = with_people(1..=7).await;
    let mut request = first(3);
    let mut met = Vec::new();
    let mut lengths = Vec::new();
    loop {
        let page = service.accounts.list(&sample::user(1), request.clone()).await.unwrap();
        met.extend(ids(&page));
        lengths.push(page.users.len());
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(met, (1..=7).map(sample::user_id).collect::<Vec<_>>());
    assert_eq!(lengths, [3, 3, 1]);
}

#[tokio::test]
async fn a_page_of_large_documents_is_cut_and_the_walk_goes_on() {
    let streams = (0..1_000).map(|number| sample::text(&format!("{number:0>100}"))).collect();
    let channel =
        Channel { streamer_id: sample::text("c"), history: StreamingHistory::new(streams).unwrap() };
    let types = UserTypes { streamer: Some(channel.clone()), seller: Some(channel) };
    let service = Service::default();
    for number in 1..=12 {
        let user = User { user_types: types.clone(), ..sample::user(number) };
        service.store.insert(&user, &[]).await.unwrap();
    }
    let mut request = first(200);
    let mut lengths = Vec::new();
    loop {
        let page = service.accounts.list(&sample::user(1), request.clone()).await.unwrap();
        lengths.push(page.users.len());
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    // Five times 200 000 bytes fit into 1 MiB.
    assert_eq!(lengths, [5, 5, 2]);
}

#[tokio::test]
async fn a_last_page_that_is_just_full_has_no_next() {
    let service = with_people(1..=4).await;
    let page = service.accounts.list(&sample::user(1), first(4)).await.unwrap();
    assert_eq!((page.users.len(), page.next), (4, None));
}

#[tokio::test]
async fn a_list_goes_the_way_it_was_asked() {
    let service = with_people(1..=3).await;
    let backwards = ListRequest { direction: Direction::Descending, ..first(3) };
    let page = service.accounts.list(&sample::user(1), backwards).await.unwrap();
    assert_eq!(ids(&page), [3, 2, 1].map(sample::user_id));
}

#[tokio::test]
async fn everybody_is_counted_when_that_is_asked_and_only_then() {
    let service = with_people(1..=7).await;
    let page = service.accounts.list(&sample::user(1), first(3)).await.unwrap();
    assert_eq!(page.total, None);
    let counting = ListRequest { count: true, ..first(3) };
    let page = service.accounts.list(&sample::user(1), counting).await.unwrap();
    assert_eq!(page.total, Some(7));
}

#[tokio::test]
async fn nothing_is_counted_that_was_not_asked_for() {
    // A mock that expects no count fails the test when it is asked for one.
    let mut users = MockUserRepository::new();
    users.expect_list().times(1).returning(|_| Ok(Vec::new()));
    accounts_on(users).list(&sample::user(1), first(3)).await.unwrap();
}

#[tokio::test]
async fn a_member_may_not_filter_or_sort_by_what_members_do_not_see() {
    let accounts = accounts_on(MockUserRepository::new());
    let by_role = only(UserFilter { role: Some(Role::Admin), ..UserFilter::default() });
    let by_state = only(UserFilter { active: Some(true), ..UserFilter::default() });
    let by_username = ListRequest { sort: SortKey::Username, ..first(50) };
    for (request, field) in [
        (by_role, MemberField::Role),
        (by_state, MemberField::Active),
        (by_username, MemberField::SortByUsername),
    ] {
        let refused = accounts.list(&sample::user(1), request.clone()).await;
        assert!(matches!(refused, Err(ListError::NotForMembers(named)) if named == field), "{refused:?}");
        let refused = accounts.list_active(&sample::user(1), request).await;
        assert!(matches!(refused, Err(ListError::NotForMembers(named)) if named == field), "{refused:?}");
    }
}

#[tokio::test]
async fn an_admin_filters_and_sorts_by_everything() {
    let service = with_people(1..=2).await;
    let admin = service.admin("root@example.com").await;
    let filter = UserFilter { role: Some(Role::Admin), active: Some(true), ..UserFilter::default() };
    let request = ListRequest { sort: SortKey::Username, ..only(filter) };
    let page = service.accounts.list(&admin, request).await.unwrap();
    assert_eq!(ids(&page), [admin.id]);
}

#[tokio::test]
async fn a_member_searches_names_and_never_addresses() {
    let service = with_people(1..=2).await;
    let named = User { profile: sample::kucing_cakep().profile, ..sample::user(3) };
    service.store.insert(&named, &[]).await.unwrap();
    let search = |prefix: &str| {
        only(UserFilter {
            name_prefix: Some(prefix.to_owned()),
            // Asked for, and not granted.
            prefix_of_address: true,
            ..UserFilter::default()
        })
    };
    let member = sample::user(1);
    assert_eq!(ids(&service.accounts.list(&member, search("kucing")).await.unwrap()), [named.id]);
    assert!(service.accounts.list(&member, search("person")).await.unwrap().users.is_empty());
    assert!(service.accounts.list_active(&member, search("person")).await.unwrap().users.is_empty());
    let page = service.accounts.list(&sample::admin(9), search("person")).await.unwrap();
    assert_eq!(ids(&page), [1, 2, 3].map(sample::user_id));
}

#[tokio::test]
async fn an_admins_search_tries_addresses_without_being_told() {
    let service = with_people(1..=2).await;
    let search = only(UserFilter { name_prefix: Some("PERSON2".to_owned()), ..UserFilter::default() });
    let page = service.accounts.list(&sample::admin(9), search).await.unwrap();
    assert_eq!(ids(&page), [sample::user_id(2)]);
}

#[tokio::test]
async fn a_member_filters_by_user_type_and_sorts_by_last_login() {
    let service = with_people(1..=2).await;
    let streamer = sample::kucing_cakep();
    service.store.insert(&streamer, &[]).await.unwrap();
    let filter = UserFilter { user_type: Some(UserTypeName::Streamer), ..UserFilter::default() };
    let request = ListRequest { sort: SortKey::LastLogin, ..only(filter) };
    let page = service.accounts.list(&sample::user(1), request).await.unwrap();
    assert_eq!(ids(&page), [streamer.id]);
}

#[tokio::test]
async fn a_directory_for_admins_is_closed_to_members() {
    let rules = AccountRules { directory: Directory::Admins, ..AccountRules::default() };
    let service = Service::new(rules, SessionRules::default());
    let (admin, member) = (service.admin("root@example.com").await, service.member("ada@example.com").await);
    let refused = service.accounts.list(&member, first(50)).await;
    assert!(matches!(refused, Err(ListError::Forbidden)), "{refused:?}");
    let refused = service.accounts.list_active(&member, first(50)).await;
    assert!(matches!(refused, Err(ListError::Forbidden)), "{refused:?}");
    assert_eq!(service.accounts.list(&admin, first(50)).await.unwrap().users.len(), 2);
}

#[tokio::test]
async fn somebody_is_active_for_five_hours_after_logging_in() {
    let service = Service::default();
    let user = service.member("ada@example.com").await;
    assert!(service.accounts.list_active(&user, first(50)).await.unwrap().users.is_empty());
    service.login("ada@example.com").await;
    for (wait, active) in [(Duration::ZERO, 1), (FIVE_HOURS, 1), (Duration::from_millis(1), 0)] {
        service.clock.advance(wait);
        assert_eq!(service.accounts.list_active(&user, first(50)).await.unwrap().users.len(), active);
    }
}

#[tokio::test]
async fn the_time_that_somebody_stays_active_is_a_setting() {
    let rules = AccountRules { active_window: Duration::from_secs(60), ..AccountRules::default() };
    let service = Service::new(rules, SessionRules::default());
    let user = service.member("ada@example.com").await;
    service.login("ada@example.com").await;
    for (wait, active) in [(Duration::from_secs(60), 1), (Duration::from_millis(1), 0)] {
        service.clock.advance(wait);
        assert_eq!(service.accounts.list_active(&user, first(50)).await.unwrap().users.len(), active);
    }
}

#[tokio::test]
async fn who_logged_out_of_every_session_is_not_active() {
    let service = Service::default();
    let user = service.member("ada@example.com").await;
    let logins = [service.login("ada@example.com").await, service.login("ada@example.com").await];
    for (login, active) in logins.iter().zip([1, 0]) {
        service.sessions.logout(&service.caller(login).await).await.unwrap();
        assert_eq!(service.accounts.list_active(&user, first(50)).await.unwrap().users.len(), active);
    }
}

#[tokio::test]
async fn a_request_cannot_choose_whom_the_active_list_takes_for_active() {
    let service = with_people(1..=1).await;
    let logged_in = Some(LoggedInSince { since: sample::NOW, now: sample::NOW });
    let request = only(UserFilter { logged_in, ..UserFilter::default() });
    service.login("person1@example.com").await;
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(service.accounts.list_active(&sample::user(1), request).await.unwrap().users.len(), 1);
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let mut listing = MockUserRepository::new();
    listing.expect_list().returning(|_| Err(out_of_reach()));
    let mut counting = MockUserRepository::new();
    counting.expect_count().returning(|_| Err(out_of_reach()));
    let counted = ListRequest { count: true, ..first(50) };
    for (users, request) in [(listing, first(50)), (counting, counted)] {
        let refused = accounts_on(users).list(&sample::user(1), request).await;
        assert!(matches!(refused, Err(ListError::Store(_))), "{refused:?}");
    }
}
