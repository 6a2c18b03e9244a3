//! The list of passwords that everybody tries first.

use crate::user::Password;

/// Knows common passwords.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait CommonPasswords: Send + Sync {
    /// Whether the password is on the list, in any letter case. MUST be cheap whatever the password.
    fn contains(&self, password: &Password) -> bool;
}
