//! `UserIntake` on `SQLite`.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use doorward_domain::port::{Inserted, NewUsers, StoreError, UserIntake};
use doorward_domain::user::User;
use doorward_sql::columns::Id;
use doorward_sql::intake::{Known, Plan};
use doorward_sql::rows::{AddressRow, UserRow};
use doorward_sql::schema::{user_addresses, users};
use doorward_sql::{Abort, Failure};

use crate::error::is_taken;
use crate::store::SqliteStore;
use crate::writing;

/// What is looked for before anything is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Nothing: most who come are strangers, and the indexes tell of one who is not.
    Nowhere,
    /// Their addresses.
    Addresses,
    /// Their addresses and identifiers.
    Everything,
}

/// Why nothing was added.
enum NotAdded {
    /// An address or an identifier that was not looked for is somebody's.
    Taken,
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
            return self
                .walk(move |connection| Ok(plan(connection, &new.users, Look::Everything)?.outcomes))
                .await;
        }
        // Those who come after somebody who is there are likely to be there as well: the file was taken in before.
        let looks = [Look::Nowhere, Look::Addresses, Look::Everything];
        for look in looks.into_iter().skip(usize::from(self.expectation().is_somebody_there())) {
            match self.take_in(&new, look).await {
                Err(NotAdded::Taken) => {}
                Err(NotAdded::Store(error)) => return Err(error),
                Ok(outcomes) => {
                    self.expectation().learn(&outcomes);
                    return Ok(outcomes);
                }
            }
        }
        Err(StoreError::Broken("what was looked for is there and is not".into()))
    }
}

impl SqliteStore {
    async fn take_in(&self, new: &Arc<NewUsers>, look: Look) -> Result<Vec<Inserted>, NotAdded> {
        let new = Arc::clone(new);
        self.write(move |connection| {
            let NewUsers { users, entries, .. } = &*new;
            let Plan { outcomes, added } = plan(connection, users, look)?;
            for user in added.iter().filter_map(|place| users.get(*place)) {
                add(connection, user)?;
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
fn plan(connection: &mut SqliteConnection, users: &[User], look: Look) -> Result<Plan, Failure> {
    let mut known = Known::default();
    for user in users.iter().filter(|_| look != Look::Nowhere) {
        for row in AddressRow::all_of(user) {
            find_owner(connection, row.address(), &mut known)?;
        }
        if look == Look::Everything {
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

fn add(connection: &mut SqliteConnection, user: &User) -> Result<(), Abort<NotAdded>> {
    let row = UserRow::try_from(user).map_err(Failure::from)?;
    // No ON CONFLICT: diesel would write such a statement anew for each row.
    diesel::insert_into(users::table).values(row).execute(connection).map_err(taken_if("users.id"))?;
    for row in AddressRow::all_of(user) {
        let add = diesel::insert_into(user_addresses::table).values(row);
        add.execute(connection).map_err(taken_if("user_addresses.address_norm"))?;
    }
    Ok(())
}

fn taken_if(column: &'static str) -> impl Fn(Error) -> Abort<NotAdded> {
    move |error| {
        if is_taken(&error, column) { Abort::Refused(NotAdded::Taken) } else { Failure::from(error).into() }
    }
}
