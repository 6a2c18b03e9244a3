//! Statements about one account.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::Timestamp;
use doorward_domain::token::SessionId;
use doorward_domain::user::{Role, User, UserId};
use doorward_sql::Failure;
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::{AddressRow, CredentialColumns, UserFields, UserRow};
use doorward_sql::schema::{sessions, user_addresses, users};
use doorward_sql::steps::Account;

use crate::error::is_taken;
use crate::users::find as find_user;

/// As a login finds it.
pub(super) fn find(
    connection: &mut SqliteConnection,
    id: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<Account>, Failure> {
    let Some(user) = find_user(connection, id)? else {
        return Ok(None);
    };
    let has_session = diesel::select(diesel::dsl::exists(sessions::table.find(Id::from(session))))
        .get_result(connection)?;
    let live: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(now)))
        .filter(sessions::id.ne(Id::from(session)))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)?;
    Ok(Some(Account { user, has_session, live: live.into_iter().map(Into::into).collect() }))
}

/// Whether anybody else is left who can look after the others.
pub(super) fn has_other_admin(connection: &mut SqliteConnection, than: UserId) -> QueryResult<bool> {
    let others = users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::active)
        .filter(users::id.ne(Id::from(than)));
    diesel::select(diesel::dsl::exists(others)).get_result(connection)
}

pub(super) fn add(connection: &mut SqliteConnection, user: &User) -> Result<bool, Failure> {
    let added = diesel::insert_into(users::table)
        .values(UserRow::try_from(user)?)
        .on_conflict(users::id)
        .do_nothing()
        .execute(connection)?;
    Ok(added == 1)
}

/// The primary key is what tells: an address stands in the table once.
pub(super) fn claim_addresses(connection: &mut SqliteConnection, user: &User) -> QueryResult<bool> {
    for row in AddressRow::all_of(user) {
        match diesel::insert_into(user_addresses::table).values(row).execute(connection) {
            Ok(_) => {}
            Err(error) if is_taken(&error, "user_addresses.address_norm") => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

pub(super) fn release_addresses(connection: &mut SqliteConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(user_addresses::table.filter(user_addresses::user_id.eq(Id::from(user))))
        .execute(connection)
        .map(drop)
}

pub(super) fn keep_fields(connection: &mut SqliteConnection, user: &User) -> Result<(), Failure> {
    diesel::update(users::table.find(Id::from(user.id)))
        .set(UserFields::try_from(user)?)
        .execute(connection)?;
    Ok(())
}

pub(super) fn keep_credentials(connection: &mut SqliteConnection, user: &User) -> QueryResult<()> {
    diesel::update(users::table.find(Id::from(user.id)))
        .set(CredentialColumns::from(user))
        .execute(connection)
        .map(drop)
}

/// Its addresses and sessions go with it: the tables say so.
pub(super) fn delete(connection: &mut SqliteConnection, id: UserId) -> QueryResult<()> {
    diesel::delete(users::table.find(Id::from(id))).execute(connection).map(drop)
}
