//! What people and admins do with accounts, on fakes: a file a use case.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod delete;
mod import;
mod list;
mod operate;
mod register;
mod update;
mod view;

use std::sync::Arc;

use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts};
use doorward_domain::port::{MockUserRepository, StoreError};
use doorward_testkit::fake::Service;

/// Accounts that are kept in `users`, and nothing else is unusual.
fn accounts_on(users: MockUserRepository) -> Accounts {
    let ports = AccountPorts { users: Arc::new(users), ..Service::default().account_ports() };
    Accounts::new(ports, AccountRules::default())
}

fn out_of_reach() -> StoreError {
    StoreError::Unavailable("the network is down".into())
}
