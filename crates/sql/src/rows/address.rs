//! A row of `user_addresses`.

use diesel::prelude::*;
use doorward_domain::user::User;

use crate::columns::Id;
use crate::schema::user_addresses;

/// An address in its normal form, and whose it is.
#[derive(Clone, Copy, Debug, Insertable)]
#[diesel(table_name = user_addresses, treat_none_as_default_value = false)]
pub struct AddressRow<'a> {
    address_norm: &'a str,
    user_id: Id,
}

impl<'a> AddressRow<'a> {
    /// The address.
    pub fn address(&self) -> &'a str {
        self.address_norm
    }

    /// The addresses of an account: one, or two that differ.
    pub fn all_of(user: &'a User) -> Vec<Self> {
        let also_email = Some(&user.email).filter(|email| **email != user.username);
        std::iter::once(&user.username)
            .chain(also_email)
            .map(|address| Self { address_norm: address.normal(), user_id: user.id.into() })
            .collect()
    }
}
