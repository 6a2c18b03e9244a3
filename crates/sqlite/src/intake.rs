//! `UserIntake` on `SQLite`.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_domain::port::{Inserted, NewUsers, StoreError, UserIntake};
use doorward_domain::user::User;
use doorward_sql::columns::Id;
use doorward_sql::intake::{Known, Plan};
use doorward_sql::rows::{AddressRow, UserRow};
use doorward_sql::schema::{user_addresses, users};
use doorward_sql::{Abort, Failure};

use crate::store::SqliteStore;
use crate::writing;

/// Why nothing was added.
enum NotAdded {
    /// An identifier is somebody's, which was not looked at.
    IdTaken,
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[async_trait]
impl UserIntake for SqliteStore {
    async fn insert_many(&self, new: NewUsers) -> Result<Vec<Inserted>, StoreError> {
        let new = Arc::new(new);
        if new.is_rehearsal {
            return self.walk(move |connection| Ok(plan(connection, &new.users, true)?.outcomes)).await;
        }
        // Identifiers are new, as a rule: whether one is somebody's is asked where it turns out that it is.
        match self.take_in(&new, false).await {
            Err(NotAdded::IdTaken) => {}
            Err(NotAdded::Store(error)) => return Err(error),
            Ok(outcomes) => return Ok(outcomes),
        }
        self.take_in(&new, true).await.map_err(|not_added| match not_added {
            NotAdded::IdTaken => StoreError::Broken("an identifier is there and is not".into()),
            NotAdded::Store(error) => error,
        })
    }
}

impl SqliteStore {
    async fn take_in(&self, new: &Arc<NewUsers>, also_ids: bool) -> Result<Vec<Inserted>, NotAdded> {
        let new = Arc::clone(new);
        self.write(move |connection| {
            let NewUsers { users, entries, .. } = &*new;
            let Plan { outcomes, added } = plan(connection, users, also_ids)?;
            for user in added.iter().filter_map(|place| users.get(*place)) {
                if !add(connection, user)? {
                    return Err(Abort::Refused(NotAdded::IdTaken));
                }
            }
            if !added.is_empty() {
                writing::record(connection, &NewUsers::entries_with(entries, added.len()))?;
            }
            Ok(outcomes)
        })
        .await
    }
}

/// Nobody else writes meanwhile: what was free when it was looked for is free.
fn plan(connection: &mut SqliteConnection, users: &[User], also_ids: bool) -> Result<Plan, Failure> {
    let mut known = Known::default();
    for user in users {
        for row in AddressRow::all_of(user) {
            find_owner(connection, row.address(), &mut known)?;
        }
        if also_ids {
            let id = Id::from(user.id);
            if diesel::select(exists(users::table.find(id))).get_result(connection)? {
                known.ids.insert(id);
            }
        }
    }
    Ok(Plan::of(users, &known))
}

fn find_owner(connection: &mut SqliteConnection, address: &str, known: &mut Known) -> QueryResult<()> {
    let owner: Option<Id> = user_addresses::table
        .find(address)
        .select(user_addresses::user_id)
        .get_result(connection)
        .optional()?;
    if let Some(id) = owner {
        let username = users::table.find(id).select(users::username_norm).get_result(connection)?;
        known.addresses.insert(address.to_owned(), (id, username));
    }
    Ok(())
}

/// `false` where one with this identifier is there.
fn add(connection: &mut SqliteConnection, user: &User) -> Result<bool, Failure> {
    let add = diesel::insert_into(users::table).values(UserRow::try_from(user)?);
    if add.on_conflict(users::id).do_nothing().execute(connection)? == 0 {
        return Ok(false);
    }
    for row in AddressRow::all_of(user) {
        diesel::insert_into(user_addresses::table).values(row).execute(connection)?;
    }
    Ok(true)
}
