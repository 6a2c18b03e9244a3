//! Whether few are found by themselves or the order leads, the list is the same.

use diesel_async::AsyncPgConnection;
use doorward_domain::port::{Direction, Position, SortKey};
use doorward_domain::user::User;
use doorward_sql::rows::{AddressRow, SessionRow};
use doorward_sql::schema::{sessions, user_addresses};
use doorward_testkit::postgres::TestDatabase;
use doorward_testkit::sample;
use doorward_testkit::sample::varied::{filters, named, since, somebody, two_of};

use super::rare::FEW;
use super::*;
use crate::plan_tests::empty_tables;

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// Sixty people in tables of their own.
async fn sixty() -> Option<(TestDatabase, AsyncPgConnection)> {
    let database = empty_tables().await?;
    let mut connection = AsyncPgConnection::try_from(database.client().await).await.unwrap();
    let people: Vec<User> = (0..60).map(somebody).collect();
    let rows: Vec<UserRow> = people.iter().map(|user| UserRow::try_from(user).unwrap()).collect();
    diesel::insert_into(users::table).values(rows).execute(&mut connection).await.unwrap();
    let addresses: Vec<AddressRow<'_>> = people.iter().flat_map(AddressRow::all_of).collect();
    diesel::insert_into(user_addresses::table).values(addresses).execute(&mut connection).await.unwrap();
    let logged_in = (0..).zip(&people).filter(|(number, _)| number % 6 != 0);
    let opened: Vec<SessionRow> = logged_in
        .map(|(number, user)| SessionRow::from(&sample::session(user, number, sample::NOW)))
        .collect();
    diesel::insert_into(sessions::table).values(opened).execute(&mut connection).await.unwrap();
    Some((database, connection))
}

/// Every page of a walk, two and two together.
async fn walk(connection: &mut AsyncPgConnection, query: &UserQuery, few: Option<&[Id]>) -> Vec<User> {
    let mut query = query.clone();
    let mut met = Vec::new();
    loop {
        let statement = page_statement(&query, few.map(<[Id]>::to_vec)).select(UserRow::as_select());
        let rows: Vec<UserRow> = statement.load(connection).await.unwrap();
        let page = rows.into_iter().map(|row| User::try_from(row).unwrap());
        let before = met.len();
        met.extend(page);
        if met.len() == before {
            return met;
        }
        query.after = met.last().map(|last| Position::after(&last.clone().into(), query.sort));
    }
}

#[tokio::test]
async fn a_walk_is_the_same_whatever_leads() {
    let Some((_database, mut connection)) = sixty().await else { return };
    for filter in filters() {
        let passing = count(&mut connection, &filter).await.unwrap();
        assert!(passing > 0 && passing <= 60, "{filter:?}: {passing}");
        for sort in SortKey::ALL {
            for direction in DIRECTIONS {
                let query = two_of(filter.clone(), sort, direction);
                let by_order = walk(&mut connection, &query, None).await;
                assert_eq!(u64::try_from(by_order.len()).unwrap(), passing, "{query:?}");
                let few = rare::those_with(&mut connection, &query).await.unwrap();
                let needs_no_help = filter.name_prefix.is_none() && sort == SortKey::LastLogin;
                assert_eq!(few.is_none(), needs_no_help, "{query:?}");
                if let Some(few) = few {
                    assert_eq!(walk(&mut connection, &query, Some(&few)).await, by_order, "{query:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn as_many_as_the_bound_are_not_few() {
    let Some((_database, mut connection)) = sixty().await else { return };
    let columns = "password_hash, password_scheme, role, active, has_profile, accounts, user_types, \
                   played_games, favorites, version, created_at, updated_at";
    for (name, number, login) in [("few", FEW - 1, 1_000), ("many", FEW, 2_000)] {
        let crowd = format!(
            "INSERT INTO users (id, username, username_norm, email, email_norm, fullname, fullname_search, \
                 last_login_at, {columns}) \
             SELECT gen_random_uuid(), address, address, address, address, '{name}', '{name}', \
                 to_timestamp({login}), {columns} \
             FROM (SELECT '{name}' || number || '@example.com' AS address FROM generate_series(1, {number}) AS number) AS numbers, \
                 (SELECT * FROM users WHERE username_norm = 'person1@example.com') AS somebody"
        );
        diesel::sql_query(crowd).execute(&mut connection).await.unwrap();
    }
    for (found, filter) in [
        (Some(FEW - 1), named("few")),
        (None, named("many")),
        (None, named("")),
        (Some(20), named("Budi")),
        (None, since(2_000_000)),
        (Some(30), since(2_000_001)),
    ] {
        let query = two_of(filter, SortKey::CreatedAt, Direction::Ascending);
        let few = rare::those_with(&mut connection, &query).await.unwrap();
        assert_eq!(few.map(|few| i64::try_from(few.len()).unwrap()), found, "{query:?}");
        let listed = page(&mut connection, &query, &KeptDocuments::default()).await.unwrap().len();
        let expected = count(&mut connection, &query.filter).await.unwrap().min(2);
        assert_eq!(u64::try_from(listed).unwrap(), expected, "{query:?}");
    }
}
