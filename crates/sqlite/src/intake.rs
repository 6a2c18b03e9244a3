//! `UserIntake` on `SQLite`.

use std::collections::HashSet;

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_domain::port::{Inserted, NewUsers, StoreError, UserIntake};
use doorward_domain::user::User;
use doorward_sql::Failure;
use doorward_sql::columns::Id;
use doorward_sql::intake::{Known, Plan};
use doorward_sql::rows::{AddressRow, UserRow};
use doorward_sql::schema::{user_addresses, users};

use crate::store::SqliteStore;
use crate::writing;

#[async_trait]
impl UserIntake for SqliteStore {
    async fn insert_many(&self, new: NewUsers) -> Result<Vec<Inserted>, StoreError> {
        let NewUsers { users, entries, is_rehearsal } = new;
        if is_rehearsal {
            return self.walk(move |connection| Ok(plan(connection, &users)?.outcomes)).await;
        }
        self.write(move |connection| {
            let Plan { outcomes, added } = plan(connection, &users)?;
            for user in added.iter().filter_map(|place| users.get(*place)) {
                add(connection, user)?;
            }
            if !added.is_empty() {
                writing::record(connection, &NewUsers::entries_with(&entries, added.len()))?;
            }
            Ok(outcomes)
        })
        .await
    }
}

/// Nobody else writes meanwhile: what was free when it was looked for is free.
fn plan(connection: &mut SqliteConnection, users: &[User]) -> Result<Plan, Failure> {
    let mut known = Known::default();
    for user in users {
        for row in AddressRow::all_of(user) {
            find_owner(connection, row.address(), &mut known)?;
        }
    }
    known.ids = taken_ids(connection, users)?;
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

fn taken_ids(connection: &mut SqliteConnection, users: &[User]) -> QueryResult<HashSet<Id>> {
    let mut taken = HashSet::new();
    for id in users.iter().map(|user| Id::from(user.id)) {
        if diesel::select(exists(users::table.find(id))).get_result(connection)? {
            taken.insert(id);
        }
    }
    Ok(taken)
}

fn add(connection: &mut SqliteConnection, user: &User) -> Result<(), Failure> {
    diesel::insert_into(users::table).values(UserRow::try_from(user)?).execute(connection)?;
    for row in AddressRow::all_of(user) {
        diesel::insert_into(user_addresses::table).values(row).execute(connection)?;
    }
    Ok(())
}
