//! The statements: lists of columns as arrays, so that a statement is as long for a thousand accounts as for one.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_sql::columns::{Id, IdColumn, TimeColumn};
use doorward_sql::rows::{AddressColumns, UserColumns};
use doorward_sql::schema::{user_addresses, users};

use crate::error::violates;

/// `CockroachDB` has no arrays of documents: they come as text.
const ADD_USERS: &str = "\
INSERT INTO users (id, username, username_norm, email, email_norm, password_hash, password_scheme, role, active, \
default_user_type, has_profile, fullname, fullname_search, gender, city, accounts, user_types, played_games, favorites, \
version, last_login_at, created_at, updated_at) \
SELECT come.id, come.username, come.username_norm, come.email, come.email_norm, come.password_hash, \
come.password_scheme, come.role, come.active, come.default_user_type, come.has_profile, come.fullname, \
come.fullname_search, come.gender, come.city, come.accounts::JSONB, come.user_types::JSONB, \
come.played_games::JSONB, come.favorites::JSONB, come.version, come.last_login_at, come.created_at, come.updated_at \
FROM UNNEST($1::UUID[], $2::TEXT[], $3::TEXT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::TEXT[], $8::TEXT[], \
$9::BOOL[], $10::TEXT[], $11::BOOL[], $12::TEXT[], $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::TEXT[], $17::TEXT[], \
$18::TEXT[], $19::TEXT[], $20::INT8[], $21::TIMESTAMPTZ[], $22::TIMESTAMPTZ[], $23::TIMESTAMPTZ[]) \
AS come (id, username, username_norm, email, email_norm, password_hash, password_scheme, role, active, \
default_user_type, has_profile, fullname, fullname_search, gender, city, accounts, user_types, played_games, favorites, \
version, last_login_at, created_at, updated_at) \
ON CONFLICT (id) DO NOTHING";

const ADD_ADDRESSES: &str = "\
INSERT INTO user_addresses (address_norm, user_id) SELECT come.address_norm, come.user_id \
FROM UNNEST($1::TEXT[], $2::UUID[]) AS come (address_norm, user_id) ON CONFLICT (address_norm) DO NOTHING";

/// Whose each of these addresses is, and the username of that account.
pub(super) async fn owners(
    connection: &mut AsyncPgConnection,
    addresses: &[String],
) -> QueryResult<HashMap<String, (Id, String)>> {
    let found: Vec<(String, Id, String)> = user_addresses::table
        .inner_join(users::table)
        .filter(user_addresses::address_norm.eq_any(addresses))
        .select((user_addresses::address_norm, users::id, users::username_norm))
        .load(connection)
        .await?;
    Ok(found.into_iter().map(|(address, id, username)| (address, (id, username))).collect())
}

/// Those of these that are somebody's.
pub(super) async fn taken_ids(connection: &mut AsyncPgConnection, ids: &[Id]) -> QueryResult<HashSet<Id>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Id> =
        users::table.filter(users::id.eq_any(ids)).select(users::id).load(connection).await?;
    Ok(found.into_iter().collect())
}

/// Answers how many were added.
pub(super) async fn add_users(
    connection: &mut AsyncPgConnection,
    columns: &UserColumns,
) -> QueryResult<usize> {
    diesel::sql_query(ADD_USERS)
        .bind::<Array<IdColumn>, _>(columns.id.as_slice())
        .bind::<Array<Text>, _>(columns.username.as_slice())
        .bind::<Array<Text>, _>(columns.username_norm.as_slice())
        .bind::<Array<Text>, _>(columns.email.as_slice())
        .bind::<Array<Text>, _>(columns.email_norm.as_slice())
        .bind::<Array<Text>, _>(columns.password_hash.as_slice())
        .bind::<Array<Text>, _>(columns.password_scheme.as_slice())
        .bind::<Array<Text>, _>(columns.role.as_slice())
        .bind::<Array<Bool>, _>(columns.active.as_slice())
        .bind::<Array<Nullable<Text>>, _>(columns.default_user_type.as_slice())
        .bind::<Array<Bool>, _>(columns.has_profile.as_slice())
        .bind::<Array<Nullable<Text>>, _>(columns.fullname.as_slice())
        .bind::<Array<Nullable<Text>>, _>(columns.fullname_search.as_slice())
        .bind::<Array<Nullable<Text>>, _>(columns.gender.as_slice())
        .bind::<Array<Nullable<Text>>, _>(columns.city.as_slice())
        .bind::<Array<Text>, _>(columns.accounts.as_slice())
        .bind::<Array<Text>, _>(columns.user_types.as_slice())
        .bind::<Array<Text>, _>(columns.played_games.as_slice())
        .bind::<Array<Text>, _>(columns.favorites.as_slice())
        .bind::<Array<BigInt>, _>(columns.version.as_slice())
        .bind::<Array<TimeColumn>, _>(columns.last_login_at.as_slice())
        .bind::<Array<TimeColumn>, _>(columns.created_at.as_slice())
        .bind::<Array<TimeColumn>, _>(columns.updated_at.as_slice())
        .execute(connection)
        .await
}

/// Answers how many were added. Somebody's who is adding one just now is told by an error, and counts as none.
pub(super) async fn add_addresses(
    connection: &mut AsyncPgConnection,
    columns: &AddressColumns,
) -> QueryResult<usize> {
    let add = diesel::sql_query(ADD_ADDRESSES)
        .bind::<Array<Text>, _>(columns.address_norm.as_slice())
        .bind::<Array<IdColumn>, _>(columns.user_id.as_slice());
    match add.execute(connection).await {
        Err(error) if violates(&error, "user_addresses_pkey") => Ok(0),
        added => added,
    }
}
