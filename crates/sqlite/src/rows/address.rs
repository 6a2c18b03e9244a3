//! A row of `user_addresses`.

use diesel::prelude::*;

use super::Id;
use crate::schema::user_addresses;

/// An address in its normal form, and whose it is.
#[derive(Insertable)]
#[diesel(table_name = user_addresses, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct AddressRow<'a> {
    pub(crate) address_norm: &'a str,
    pub(crate) user_id: Id,
}
