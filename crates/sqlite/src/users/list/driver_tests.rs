//! Whatever leads through a list, the list is the same.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use doorward_domain::Timestamp;
use doorward_domain::port::{Direction, LoggedInSince, Position, SortKey};
use doorward_domain::user::{Profile, Role, UserTypeName};
use doorward_sql::rows::{AddressRow, SessionRow};
use doorward_sql::schema::{sessions, user_addresses};
use doorward_testkit::sample;

use super::*;
use crate::open::DatabaseFile;

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];
const SORTS: [SortKey; 3] = [SortKey::CreatedAt, SortKey::Username, SortKey::LastLogin];

/// Somebody of whom a third has each name, half a login, and every fourth an address that is no username.
fn somebody(number: u32) -> User {
    let at = |seconds: u32| sample::seconds_later(i64::from(seconds));
    let name = ["Ada", "adam", "Budi"][number as usize % 3];
    let mut user = sample::user(number);
    user.profile = Some(Profile { fullname: Some(sample::text(name)), ..Profile::default() });
    user.created_at = at(number * 7 % 11);
    user.last_login = number.is_multiple_of(2).then(|| at(number * 5 % 13));
    if number.is_multiple_of(4) {
        user.email = sample::email(&format!("Adele{number}@example.com"));
    }
    if number.is_multiple_of(5) {
        user.role = Role::Admin;
    }
    if number.is_multiple_of(7) {
        user.user_types = sample::kucing_cakep().user_types;
    }
    user
}

fn fill(connection: &mut SqliteConnection) {
    for number in 0..60 {
        let user = somebody(number);
        diesel::insert_into(users::table)
            .values(UserRow::try_from(&user).unwrap())
            .execute(connection)
            .unwrap();
        for row in AddressRow::all_of(&user) {
            diesel::insert_into(user_addresses::table).values(row).execute(connection).unwrap();
        }
        if number % 6 != 0 {
            let session = sample::session(&user, number, sample::NOW);
            diesel::insert_into(sessions::table)
                .values(SessionRow::from(&session))
                .execute(connection)
                .unwrap();
        }
    }
}

fn named(prefix: &str) -> UserFilter {
    UserFilter { name_prefix: Some(prefix.to_owned()), ..Default::default() }
}

fn since(millis: i64) -> UserFilter {
    let logged_in = LoggedInSince { since: Timestamp::from_millis(millis), now: sample::NOW };
    UserFilter { logged_in: Some(logged_in), ..Default::default() }
}

fn query(filter: UserFilter, sort: SortKey, direction: Direction) -> UserQuery {
    UserQuery { filter, sort, direction, after: None, limit: 2 }
}

fn filters() -> Vec<UserFilter> {
    let logged_in = since(sample::seconds_later(3).millis()).logged_in;
    let ever = since(0).logged_in;
    let reached = |prefix: &str| UserFilter { prefix_of_address: true, ..named(prefix) };
    vec![
        named("ADA"),
        named("adam"),
        named(""),
        reached("ad"),
        reached("person1"),
        reached(""),
        UserFilter { logged_in, ..Default::default() },
        UserFilter { logged_in: ever, ..Default::default() },
        UserFilter { logged_in, ..named("a") },
        UserFilter { logged_in: ever, role: Some(Role::Admin), ..reached("ad") },
        UserFilter { user_type: Some(UserTypeName::Seller), active: Some(true), ..reached("p") },
        UserFilter { created_after: Some(sample::seconds_later(2)), ..named("a") },
        UserFilter { created_before: Some(sample::seconds_later(8)), logged_in, ..Default::default() },
    ]
}

/// Every page of a walk, two and two together.
fn walk(
    connection: &mut SqliteConnection,
    query: &UserQuery,
    driver: impl Fn(&UserQuery) -> Driver,
) -> Vec<User> {
    let mut query = query.clone();
    let mut met = Vec::new();
    loop {
        let driver = driver(&query);
        let page = page_led_by(connection, &query, driver).unwrap();
        let Some(last) = page.last() else { return met };
        query.after = Some(Position::after(last, query.sort));
        met.extend(page);
    }
}

#[test]
fn a_walk_is_the_same_whatever_leads() {
    let directory = tempfile::tempdir().unwrap();
    let (_, mut connection) =
        DatabaseFile::open(&directory.path().join("doorward.db"), Duration::ZERO).unwrap();
    fill(&mut connection);
    for filter in filters() {
        let passing = count(&mut connection, &filter).unwrap();
        assert!(passing > 0 && passing <= 60, "{filter:?}: {passing}");
        for sort in SORTS {
            for direction in DIRECTIONS {
                let query = query(filter.clone(), sort, direction);
                let by_order = walk(&mut connection, &query, Driver::order);
                assert_eq!(u64::try_from(by_order.len()).unwrap(), passing, "{query:?}");
                if let Some(few) = Driver::if_few(&query) {
                    assert_eq!(walk(&mut connection, &query, |_| few), by_order, "{query:?}");
                }
            }
        }
    }
}

#[test]
fn as_many_as_the_bound_are_not_few() {
    let directory = tempfile::tempdir().unwrap();
    let (_, mut connection) =
        DatabaseFile::open(&directory.path().join("doorward.db"), Duration::ZERO).unwrap();
    fill(&mut connection);
    let columns = "username, username_norm, email, email_norm, password_hash, password_scheme, role, active, \
                   has_profile, fullname, fullname_search, accounts, user_types, played_games, favorites, \
                   version, created_at, updated_at";
    let numbers = "WITH RECURSIVE number (value) AS (SELECT 61 UNION ALL SELECT value + 1 FROM number LIMIT";
    let ada = "(SELECT * FROM users WHERE fullname = 'Ada' LIMIT 1)";
    let crowd = format!(
        "{numbers} {FEW}) INSERT INTO users (id, last_login_at, {columns}) \
         SELECT randomblob(16), value, {columns} FROM number, {ada}"
    );
    connection.batch_execute(&crowd).unwrap();
    for (few, filter) in
        [(false, named("")), (true, named("Budi")), (false, since(1)), (true, since(sample::NOW.millis()))]
    {
        let query = query(filter, SortKey::CreatedAt, Direction::Ascending);
        let driver = Driver::if_few(&query).unwrap();
        assert_eq!(are_few(&mut connection, &query.filter, driver).unwrap(), few, "{query:?}");
        assert_eq!(page(&mut connection, &query).unwrap().len(), 2);
    }
}
