//! Statements about one account.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::Timestamp;
use doorward_domain::token::SessionId;
use doorward_domain::user::{Role, User, UserId};
use doorward_sql::Failure;
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::{AddressRow, CredentialColumns, UserFields, UserRow};
use doorward_sql::schema::{sessions, user_addresses, users};
use doorward_sql::steps::Account;
use tokio::join;

use super::only;
use crate::error::{is_consequence, violates};

/// `FOR UPDATE` makes whoever else is about to change the account wait here instead of starting again later. That it
/// is right does not depend on it.
pub(super) async fn find(connection: &mut AsyncPgConnection, id: UserId) -> Result<Option<User>, Failure> {
    let account = users::table.find(Id::from(id)).select(UserRow::as_select()).for_update();
    let row: Option<UserRow> = only(account.load(connection).await?);
    Ok(row.map(User::try_from).transpose()?)
}

/// As a login finds it: three statements that travel together.
pub(super) async fn find_for_login(
    connection: &mut AsyncPgConnection,
    id: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<Account>, Failure> {
    let id = Id::from(id);
    let session = Id::from(session);
    let account = users::table.find(id).select(UserRow::as_select()).for_update();
    let has_session = diesel::select(diesel::dsl::exists(sessions::table.find(session)));
    let live = sessions::table
        .filter(sessions::user_id.eq(id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(now)))
        .filter(sessions::id.ne(session))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id);
    let (mut one, mut two, mut three) = (&*connection, &*connection, &*connection);
    // Every answer is waited for: the first to come need not be that of the first statement.
    let (account, has_session, live) =
        join!(account.load(&mut one), has_session.load(&mut two), live.load(&mut three));
    let (account, has_session, live): (Vec<UserRow>, Vec<bool>, Vec<Id>) = all(account, has_session, live)?;
    let has_session = only(has_session) == Some(true);
    let Some(row) = only(account) else {
        return Ok(None);
    };
    let live = live.into_iter().map(Into::into).collect();
    Ok(Some(Account { user: row.try_into()?, has_session, live }))
}

/// The answers of statements that travelled together, or the error that those of the others follow from.
fn all<A, B, C>(a: QueryResult<A>, b: QueryResult<B>, c: QueryResult<C>) -> QueryResult<(A, B, C)> {
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) => Ok((a, b, c)),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) if !is_consequence(&error) => Err(error),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Err(error),
    }
}

/// Whether anybody else is left who can look after the others.
pub(super) async fn has_other_admin(connection: &mut AsyncPgConnection, than: UserId) -> QueryResult<bool> {
    let others = users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::active)
        .filter(users::id.ne(Id::from(than)));
    Ok(only(diesel::select(diesel::dsl::exists(others)).load(connection).await?) == Some(true))
}

pub(super) async fn add(connection: &mut AsyncPgConnection, user: &User) -> Result<bool, Failure> {
    let added = diesel::insert_into(users::table)
        .values(UserRow::try_from(user)?)
        .on_conflict(users::id)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(added == 1)
}

/// The primary key is what tells: an address stands in the table once. Somebody's who is adding it just now is told by
/// an error, which ends the transaction as the answer does.
pub(super) async fn claim_addresses(connection: &mut AsyncPgConnection, user: &User) -> QueryResult<bool> {
    let wanted = AddressRow::all_of(user);
    let claim = diesel::insert_into(user_addresses::table)
        .values(&wanted)
        .on_conflict(user_addresses::address_norm)
        .do_nothing();
    match claim.execute(connection).await {
        Ok(claimed) => Ok(claimed == wanted.len()),
        Err(error) if violates(&error, "user_addresses_pkey") => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) async fn release_addresses(connection: &mut AsyncPgConnection, user: UserId) -> QueryResult<()> {
    let theirs = user_addresses::table.filter(user_addresses::user_id.eq(Id::from(user)));
    diesel::delete(theirs).execute(connection).await.map(drop)
}

pub(super) async fn keep_fields(connection: &mut AsyncPgConnection, user: &User) -> Result<(), Failure> {
    let fields = UserFields::try_from(user)?;
    diesel::update(users::table.find(Id::from(user.id))).set(fields).execute(connection).await?;
    Ok(())
}

pub(super) async fn keep_credentials(connection: &mut AsyncPgConnection, user: &User) -> QueryResult<()> {
    diesel::update(users::table.find(Id::from(user.id)))
        .set(CredentialColumns::from(user))
        .execute(connection)
        .await
        .map(drop)
}

/// Its addresses and sessions go with it: the tables say so.
pub(super) async fn delete(connection: &mut AsyncPgConnection, id: UserId) -> QueryResult<()> {
    diesel::delete(users::table.find(Id::from(id))).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::*;

    #[test]
    fn of_several_errors_the_one_is_told_that_the_others_follow_from() {
        let failed =
            || Error::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(String::new()));
        let follows = || {
            let text = "current transaction is aborted, commands ignored until end of transaction block";
            Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned()))
        };
        let told = |error| matches!(error, Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _));
        assert!(told(
            all(Err::<(), _>(failed()), Err::<(), _>(follows()), Err::<(), _>(follows())).unwrap_err()
        ));
        assert!(told(all(Err::<(), _>(follows()), Ok(()), Err::<(), _>(failed())).unwrap_err()));
        assert!(all(Ok(()), Ok(()), Err::<(), _>(follows())).is_err());
        assert!(all(Ok(1), Ok(2), Ok(3)).is_ok());
    }
}
