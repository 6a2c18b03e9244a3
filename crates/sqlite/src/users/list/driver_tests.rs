//! Whatever leads through a list, the list is the same.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use doorward_domain::port::{Direction, Position, SortKey};
use doorward_sql::rows::{AddressRow, SessionRow};
use doorward_sql::schema::{sessions, user_addresses};
use doorward_testkit::sample;
use doorward_testkit::sample::varied::{filters, named, since, somebody, two_of};

use super::*;
use crate::open::DatabaseFile;

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];
const SORTS: [SortKey; 3] = [SortKey::CreatedAt, SortKey::Username, SortKey::LastLogin];

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

/// Every page of a walk, two and two together.
fn walk(
    connection: &mut SqliteConnection,
    query: &UserQuery,
    driver: impl Fn(&UserQuery) -> Driver,
) -> Vec<Arc<KeptDocument>> {
    let mut query = query.clone();
    let mut met = Vec::new();
    loop {
        let driver = driver(&query);
        let page = page_led_by(connection, &query, driver, &KeptDocuments::default()).unwrap();
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
                let query = two_of(filter.clone(), sort, direction);
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
        let query = two_of(filter, SortKey::CreatedAt, Direction::Ascending);
        let driver = Driver::if_few(&query).unwrap();
        assert_eq!(are_few(&mut connection, &query.filter, driver).unwrap(), few, "{query:?}");
        assert_eq!(page(&mut connection, &query, &KeptDocuments::default()).unwrap().len(), 2);
    }
}
