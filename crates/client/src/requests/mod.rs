//! What the service is asked with.

mod account;
mod change;
mod filters;

pub use account::{
    AccountFields, ChannelChange, FavoritesChange, LinkedAccountsChange, OwnUpdate, ProfileChange,
    Registration, UserTypesChange, UserUpdate,
};
pub use change::Change;
pub use filters::{AuditFilter, UserFilter, UserSort};
