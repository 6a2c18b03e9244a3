//! The addresses of accounts: each stands in the table once, and the primary key keeps it so.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::user::{User, UserId};

use crate::error::{Abort, is_taken};
use crate::rows::{AddressRow, Id};
use crate::schema::user_addresses;

/// Takes the account's addresses; `taken` is the answer when one of them is somebody else's.
pub(super) fn claim<E>(connection: &mut SqliteConnection, user: &User, taken: E) -> Result<(), Abort<E>> {
    let also_email = Some(&user.email).filter(|email| **email != user.username);
    for address in std::iter::once(&user.username).chain(also_email) {
        let row = AddressRow { address_norm: address.normal(), user_id: user.id.into() };
        match diesel::insert_into(user_addresses::table).values(row).execute(connection) {
            Ok(_) => {}
            Err(error) if is_taken(&error, "user_addresses.address_norm") => {
                return Err(Abort::Refused(taken));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Gives the account's addresses back.
pub(super) fn release(connection: &mut SqliteConnection, user: UserId) -> QueryResult<()> {
    diesel::delete(user_addresses::table.filter(user_addresses::user_id.eq(Id::from(user))))
        .execute(connection)
        .map(drop)
}
