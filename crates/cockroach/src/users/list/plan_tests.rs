//! What `PostgreSQL` does to find a page, by its own account of each statement that was carried out.

use doorward_domain::Timestamp;
use doorward_domain::port::{Direction, LoggedInSince, Position, SortKey, SortValue};
use doorward_domain::user::{Role, UserTypeName};
use doorward_testkit::sample;

use super::*;
use crate::plan_tests::crowd::{Telling, crowd};

const SORTS: [(SortKey, &str); 3] =
    [(SortKey::CreatedAt, "created_at"), (SortKey::Username, "username"), (SortKey::LastLogin, "last_login")];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// A statement is planned for its values five times. Then there may be one plan for all values, if that looks as good.
const TIMES: usize = 8;

/// How the live session of an account is found.
const LIVE_SESSION: &str = "using sessions_by_user on sessions\n\
     Index Cond: ((user_id = users.id) AND (ended_at IS NULL) AND (expires_at > ";

/// One page as it was found.
struct Found<'a> {
    order: &'a str,
    continued: bool,
    query: &'a UserQuery,
    /// The plans of the statements before the page.
    before: &'a [String],
    /// The plan of the page.
    plan: &'a str,
}

impl Found<'_> {
    /// The page is a range of the index, from its position on, and nothing is sorted.
    fn assert_range_of(&self, index: &str) {
        let Self { query, plan, .. } = self;
        let scan = match query.direction {
            Direction::Ascending => "Index Scan",
            Direction::Descending => "Index Scan Backward",
        };
        let scan = format!("->  {scan} using {index} on users");
        assert!(plan.lines().any(|step| step.trim_start() == scan), "{query:?} {index}: {plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{query:?}: {plan}");
        let begins = self.conditions().any(|condition| condition.contains("(ROW("));
        assert_eq!(begins, self.continued, "{query:?} does not begin at its position: {plan}");
    }

    /// What each index is entered with.
    fn conditions(&self) -> impl Iterator<Item = &str> {
        self.plan.lines().filter(|line| line.contains("Index Cond:"))
    }

    /// What was looked for before the page came out of these indexes, each read no further than its range.
    fn assert_looked_into(&self, indexes: &[&str]) {
        assert_eq!(self.before.len(), indexes.len(), "{:?}: {:#?}", self.query, self.before);
        for (plan, index) in self.before.iter().zip(indexes) {
            assert!(plan.contains(index) && plan.contains("Index Cond:"), "{:?} {index}: {plan}", self.query);
            assert!(!plan.contains("Seq Scan"), "{:?}: {plan}", self.query);
        }
    }

    /// The page is what is left of a few accounts, sorted: nobody is met on a walk through an order.
    fn assert_sorted_from_few(&self) {
        let Self { query, plan, .. } = self;
        assert!(plan.starts_with("Limit\n  ->  Sort\n        Sort Key: (ROW("), "{query:?}: {plan}");
        assert!(!plan.contains("Seq Scan on users"), "{query:?}: {plan}");
    }
}

/// The page is a range of any of the indexes in its order: where most pass, skipping the others is as good.
fn assert_range_in_order(found: &Found<'_>) {
    let of_order = ["users_by_role_and", "users_by_active_and", "users_by"]
        .map(|index| format!("{index}_{}", found.order));
    let used = of_order.iter().find(|index| found.plan.contains(&format!(" {index} ")));
    found.assert_range_of(used.unwrap_or(&of_order[2]));
}

/// Calls `check` with every order and direction, for a first and a later page, as often as it takes until the database
/// has settled on a plan.
async fn for_each_order(telling: &mut Telling, filter: &UserFilter, check: impl Fn(&Found<'_>)) {
    for (sort, order) in SORTS {
        for direction in DIRECTIONS {
            for continued in [false, true] {
                let query = query(sort, direction, filter.clone(), continued);
                let kept = known(telling, &query).await;
                for _ in 0..TIMES {
                    page(&mut telling.connection, &query, &kept).await.unwrap();
                    let mut plans = telling.plans();
                    let plan = plans.pop().unwrap();
                    check(&Found { order, continued, query: &query, before: &plans, plan: &plan });
                }
            }
        }
    }
}

/// The documents of a page, so that nothing is asked any more but whose they are. They are found by their identifiers.
async fn known(telling: &mut Telling, query: &UserQuery) -> KeptDocuments {
    let kept = KeptDocuments::default();
    let found = page(&mut telling.connection, query, &kept).await.unwrap();
    let plan = telling.plans().pop().unwrap();
    assert!(found.is_empty() || plan.contains(" users_pkey"), "{query:?}: {plan}");
    kept
}

/// A page from the beginning, or from about the middle of the crowd.
fn query(sort: SortKey, direction: Direction, filter: UserFilter, continued: bool) -> UserQuery {
    let value = match sort {
        SortKey::CreatedAt => SortValue::CreatedAt(opened(10_000)),
        SortKey::Username => SortValue::Username("person5".to_owned()),
        SortKey::LastLogin => SortValue::LastLogin(Some(last_seen(10_000))),
    };
    let after = continued.then(|| Position { value, id: sample::user_id(1) });
    UserQuery { filter, sort, direction, after, limit: 20 }
}

/// When this one of the crowd was opened.
fn opened(number: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_000 + number)
}

/// When half of so many had logged in.
fn last_seen(number: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + number)
}

/// Those who logged in after half of so many had.
fn logged_in_after(number: i64) -> UserFilter {
    let logged_in = LoggedInSince { since: last_seen(number), now: last_seen(20_000) };
    UserFilter { logged_in: Some(logged_in), ..UserFilter::default() }
}

fn named(prefix: &str) -> UserFilter {
    UserFilter { name_prefix: Some(prefix.to_owned()), ..UserFilter::default() }
}

fn reached(prefix: &str) -> UserFilter {
    UserFilter { prefix_of_address: true, ..named(prefix) }
}

#[tokio::test]
async fn a_page_of_everybody_is_one_range_of_the_index_of_its_order() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    for_each_order(&mut telling, &UserFilter::default(), |found| {
        found.assert_range_of(&format!("users_by_{}", found.order));
        found.assert_looked_into(&[]);
        assert_eq!(found.conditions().count(), usize::from(found.continued));
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_role_state_or_type_that_few_have_is_one_range_of_its_own_index() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let filter = UserFilter::default();
    let (admins, active) = (UserFilter { role: Some(Role::Admin), ..filter.clone() }, Some(true));
    for (filter, index, condition) in [
        (admins.clone(), "users_by_role_and", "(role = "),
        (UserFilter { active, ..admins }, "users_by_role_and", "(role = "),
        (UserFilter { active: Some(false), ..filter.clone() }, "users_by_active_and", "(active = "),
        (UserFilter { user_type: Some(UserTypeName::Streamer), ..filter.clone() }, "users_streamers_by", ""),
        (UserFilter { user_type: Some(UserTypeName::Seller), active, ..filter }, "users_sellers_by", ""),
    ] {
        for_each_order(&mut telling, &filter, |found| {
            found.assert_range_of(&format!("{index}_{}", found.order));
            found.assert_looked_into(&[]);
            let entered = found.conditions().any(|entered| entered.contains(condition));
            assert!(entered || condition.is_empty(), "{:?}: {}", found.query, found.plan);
        })
        .await;
    }
}

#[tokio::test]
async fn a_page_of_a_role_or_state_that_most_have_is_one_range_in_its_order() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let (role, active) = (Some(Role::User), Some(true));
    for filter in [
        UserFilter { role, ..UserFilter::default() },
        UserFilter { active, ..UserFilter::default() },
        UserFilter { role, active, ..UserFilter::default() },
    ] {
        for_each_order(&mut telling, &filter, assert_range_in_order).await;
    }
}

#[tokio::test]
async fn a_span_of_time_bounds_its_own_order_and_a_wide_one_never_makes_another_sort() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let wide = UserFilter {
        created_after: Some(opened(5_000)),
        created_before: Some(opened(15_000)),
        ..UserFilter::default()
    };
    for_each_order(&mut telling, &wide, |found| {
        assert_range_in_order(found);
        if found.order == "created_at" {
            // Both ends, so that the last page does not read on to the end of the table.
            let entered = found.conditions().next().unwrap();
            assert!(entered.contains("(created_at >= ") && entered.contains("(created_at < "), "{entered}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_logged_in_is_a_range_of_the_order_of_logins() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    for direction in DIRECTIONS {
        for continued in [false, true] {
            let query = query(SortKey::LastLogin, direction, logged_in_after(5_000), continued);
            let kept = known(&mut telling, &query).await;
            for _ in 0..TIMES {
                page(&mut telling.connection, &query, &kept).await.unwrap();
                let (plans, order) = (telling.plans(), "last_login");
                let [plan] = &plans[..] else { panic!("{plans:#?}") };
                let found = Found { order, continued, query: &query, before: &[], plan };
                found.assert_range_of("users_by_last_login");
                assert!(found.conditions().next().unwrap().contains("(last_login_at >= "), "{plan}");
                assert!(steps(plan).contains(LIVE_SESSION), "{plan}");
            }
        }
    }
}

/// Without indentation, which depends on what stands above.
fn steps(plan: &str) -> String {
    plan.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_rare_prefix_is_found_by_the_indexes_of_names_and_addresses() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let looked_into = ["users_by_fullname", "user_addresses_pkey"];
    let more = UserFilter {
        role: Some(Role::User),
        active: Some(true),
        created_after: Some(opened(0)),
        ..reached("person77")
    };
    for filter in [named("ada 77"), reached("person77"), more] {
        for_each_order(&mut telling, &filter, |found| {
            let addresses_too = usize::from(filter.prefix_of_address);
            found.assert_looked_into(&looked_into[..=addresses_too]);
            found.assert_sorted_from_few();
            assert!(found.conditions().any(|entered| entered.contains("(id = ANY (")), "{}", found.plan);
        })
        .await;
    }
}

#[tokio::test]
async fn few_who_are_logged_in_are_found_by_the_last_login() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    // While it is asked for many as well, the plan that does for all values is cheap on the average.
    for_each_order(&mut telling, &logged_in_after(0), |_| ()).await;
    for few in [16_000, 19_000, 19_960] {
        for_each_order(&mut telling, &logged_in_after(few), |found| {
            if found.order != "last_login" {
                found.assert_looked_into(&["users_by_last_login"]);
                found.assert_sorted_from_few();
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_page_of_what_many_have_is_one_range_of_the_index_of_its_order() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let names = ["users_by_fullname", "user_addresses_pkey"];
    for (filter, looked_into) in [
        (named("budi"), &names[..1]),
        (reached("person"), &names),
        (logged_in_after(0), &["users_by_last_login"]),
    ] {
        for_each_order(&mut telling, &filter, |found| {
            assert_range_in_order(found);
            let finds_nobody = found.query.filter.logged_in.is_some() && found.order == "last_login";
            found.assert_looked_into(if finds_nobody { &[] } else { looked_into });
        })
        .await;
    }
}

#[tokio::test]
async fn counting_who_has_a_role_or_is_logged_in_reads_their_index_and_nobody_elses_row() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    for (filter, index) in [
        (UserFilter { role: Some(Role::Admin), ..UserFilter::default() }, "users_by_role_and_"),
        (UserFilter { active: Some(false), ..UserFilter::default() }, "users_by_active_and_"),
        (logged_in_after(19_900), "users_by_last_login"),
        (named("ada 77"), "users_by_fullname"),
        (reached("person77"), "user_addresses_pkey"),
    ] {
        for _ in 0..TIMES {
            count(&mut telling.connection, &filter).await.unwrap();
            let plans = telling.plans();
            let [plan] = &plans[..] else { panic!("{plans:#?}") };
            assert!(plan.contains(index) && plan.contains("Index Cond:"), "{filter:?}: {plan}");
            assert!(!plan.contains("Seq Scan on users"), "{filter:?}: {plan}");
        }
    }
}
