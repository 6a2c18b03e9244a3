//! What `SQLite` does to find a page, by its own account.

use doorward_domain::Timestamp;
use doorward_domain::port::{Direction, LoggedInSince, Position, SortKey, SortValue};
use doorward_domain::user::{Role, UserTypeName};
use doorward_testkit::sample;

use super::*;
use crate::plan_tests::explain;

const SORTS: [(SortKey, &str); 3] =
    [(SortKey::CreatedAt, "created_at"), (SortKey::Username, "username"), (SortKey::LastLogin, "last_login")];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// The steps of a plan, one a line.
fn plan(query: &UserQuery, driver: Driver) -> String {
    let statement = page_statement(query, driver).select(UserRow::as_select());
    explain(&statement).join("\n")
}

fn query(sort: SortKey, direction: Direction, filter: UserFilter, continued: bool) -> UserQuery {
    let value = match sort {
        SortKey::CreatedAt => SortValue::CreatedAt(Timestamp::default()),
        SortKey::Username => SortValue::Username(String::new()),
        SortKey::LastLogin => SortValue::LastLogin(None),
    };
    let after = continued.then(|| Position { value, id: sample::user_id(1) });
    UserQuery { filter, sort, direction, after, limit: 20 }
}

/// Calls `check` with every order and direction, for a first and a later page: the name of the order, whether the page
/// is a later one, the query and its plan when `driver` leads.
fn for_each_order(
    filter: &UserFilter,
    driver: impl Fn(&UserQuery) -> Driver,
    check: impl Fn(&str, bool, &UserQuery, &str),
) {
    for (sort, name) in SORTS {
        for direction in DIRECTIONS {
            for continued in [false, true] {
                let query = query(sort, direction, filter.clone(), continued);
                check(name, continued, &query, &plan(&query, driver(&query)));
            }
        }
    }
}

const LIVE_SESSION: &str = "SEARCH sessions EXISTS USING COVERING INDEX sessions_by_user \
                            (user_id=? AND ended_at=? AND expires_at>?)";

const LATELY: LoggedInSince =
    LoggedInSince { since: Timestamp::from_seconds(1), now: Timestamp::from_seconds(2) };

#[test]
fn a_page_of_everybody_is_one_range_of_the_index_of_its_order() {
    for_each_order(&UserFilter::default(), Driver::order, |order, continued, query, plan| {
        let begin = if continued { "SEARCH" } else { "SCAN" };
        assert!(
            plan.starts_with(&format!("{begin} users USING INDEX users_by_{order}")),
            "{query:?}: {plan}"
        );
        assert_eq!(plan.contains(",id)"), continued, "{query:?} does not begin at its position: {plan}");
        assert_eq!(plan.lines().count(), 1, "{query:?}: {plan}");
    });
}

#[test]
fn a_page_of_a_role_or_state_is_one_range_of_an_index() {
    let (role, active) = (Some(Role::Admin), Some(true));
    for (filter, index) in [
        (UserFilter { role, ..Default::default() }, "role"),
        (UserFilter { active, ..Default::default() }, "active"),
        (UserFilter { role, active, ..Default::default() }, "role"),
        (UserFilter { role, user_type: Some(UserTypeName::Seller), ..Default::default() }, "role"),
    ] {
        for_each_order(&filter, Driver::order, |order, continued, query, plan| {
            let expected = format!("SEARCH users USING INDEX users_by_{index}_and_{order} ({index}=?");
            assert!(plan.starts_with(&expected), "{query:?}: {plan}");
            assert_eq!(plan.contains(",id)"), continued, "{query:?} does not begin at its position: {plan}");
            assert_eq!(plan.lines().count(), 1, "{query:?}: {plan}");
        });
    }
}

#[test]
fn a_span_of_time_bounds_its_own_order_and_never_makes_another_one_sort() {
    let bounds = Some(Timestamp::default());
    let filter = UserFilter { created_after: bounds, created_before: bounds, ..Default::default() };
    for_each_order(&filter, Driver::order, |order, continued, query, plan| {
        assert!(plan.contains(&format!(" users USING INDEX users_by_{order}")), "{query:?}: {plan}");
        assert_eq!(plan.contains(",id)"), continued, "{query:?} does not begin at its position: {plan}");
        assert_eq!(plan.lines().count(), 1, "{query:?}: {plan}");
        if order == "created_at" {
            // Both ends, so that the last page does not read on to the end of the table.
            assert!(plan.contains(">(?,?)") || plan.contains("created_at>?"), "{query:?}: {plan}");
            assert!(plan.contains("<(?,?)") || plan.contains("created_at<?"), "{query:?}: {plan}");
        }
    });
}

#[test]
fn a_rare_prefix_is_found_by_the_indexes_of_names_and_addresses() {
    let named = UserFilter { name_prefix: Some("a".to_owned()), ..Default::default() };
    let or_reached = UserFilter {
        prefix_of_address: true,
        role: Some(Role::User),
        active: Some(true),
        created_after: Some(Timestamp::default()),
        logged_in: Some(LATELY),
        ..named.clone()
    };
    for_each_order(
        &named,
        |_| Driver::Prefix,
        |_, _, query, plan| {
            let index =
                "SEARCH users USING INDEX users_by_fullname (fullname_search>? AND fullname_search<?)";
            assert!(plan.starts_with(index), "{query:?}: {plan}");
        },
    );
    for_each_order(
        &or_reached,
        |_| Driver::Prefix,
        |_, _, query, plan| {
            assert!(
                plan.contains("users_by_fullname (fullname_search>? AND fullname_search<?)"),
                "{query:?}: {plan}"
            );
            assert!(
                plan.contains("user_addresses USING PRIMARY KEY (address_norm>? AND address_norm<?)"),
                "{plan}"
            );
            assert!(!plan.contains("SCAN"), "{query:?}: {plan}");
        },
    );
}

#[test]
fn few_who_are_logged_in_are_found_by_the_last_login() {
    let filter = UserFilter { logged_in: Some(LATELY), ..Default::default() };
    for_each_order(
        &filter,
        |_| Driver::LastLogin,
        |_, _, query, plan| {
            assert!(
                plan.starts_with("SEARCH users USING INDEX users_by_last_login (last_login_at>?"),
                "{query:?}: {plan}"
            );
            assert!(plan.contains(LIVE_SESSION), "{query:?}: {plan}");
        },
    );
}

#[test]
fn a_page_of_what_many_have_is_one_range_of_the_index_of_its_order() {
    let filter = UserFilter {
        name_prefix: Some("a".to_owned()),
        logged_in: Some(LATELY),
        user_type: Some(UserTypeName::Streamer),
        ..Default::default()
    };
    for filter in [
        UserFilter { name_prefix: None, ..filter.clone() },
        UserFilter { logged_in: None, ..filter.clone() },
        UserFilter { prefix_of_address: true, ..filter.clone() },
        filter,
    ] {
        for_each_order(&filter, Driver::order, |order, continued, query, plan| {
            let users = plan.lines().next().unwrap();
            assert!(users.contains(&format!(" users USING INDEX users_by_{order}")), "{query:?}: {plan}");
            assert_eq!(users.contains(",id)"), continued, "{query:?} does not begin at its position: {plan}");
            let rest: Vec<&str> = plan.lines().skip(1).collect();
            let expected: &[&str] = if filter.logged_in.is_some() { &[LIVE_SESSION] } else { &[] };
            assert_eq!(rest, expected, "{query:?}: {plan}");
        });
    }
}

#[test]
fn whether_few_pass_is_read_from_an_index_alone() {
    for (filter, driver, index) in [
        (
            UserFilter { logged_in: Some(LATELY), ..Default::default() },
            Driver::LastLogin,
            "users_by_last_login",
        ),
        (
            UserFilter { name_prefix: Some("a".to_owned()), ..Default::default() },
            Driver::Prefix,
            "users_by_fullname",
        ),
    ] {
        let plan = explain(&few_statement(&filter, driver)).join("\n");
        assert!(plan.starts_with(&format!("SEARCH users USING COVERING INDEX {index} (")), "{plan}");
    }
}

#[test]
fn counting_who_is_logged_in_or_has_a_role_reads_an_index_alone() {
    for filter in [
        UserFilter { logged_in: Some(LATELY), ..Default::default() },
        UserFilter { role: Some(Role::Admin), ..Default::default() },
    ] {
        let plan = explain(&count_statement(&filter).count()).join("\n");
        assert!(plan.starts_with("SEARCH users USING COVERING INDEX"), "{plan}");
    }
}
