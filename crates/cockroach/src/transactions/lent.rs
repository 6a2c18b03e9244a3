//! A connection while it is in use.

use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};

use crate::connect::{GetError, PooledConnection};

/// A connection that goes back into the pool only if somebody says so. Whoever stops waiting in the middle of a
/// transaction drops it for good, and the transaction with it: no session of the database is left idle in one.
pub(super) struct Lent(Option<PooledConnection>);

impl Lent {
    pub(super) fn new(connection: PooledConnection) -> Self {
        Self(Some(connection))
    }

    pub(super) fn connection(&mut self) -> Result<&mut AsyncPgConnection, GetError> {
        self.0.as_deref_mut().ok_or(GetError::Closed)
    }

    /// Takes back what the transaction did. Where that fails the connection is dropped, and the database takes it back.
    pub(super) async fn roll_back(mut self) {
        if let Some(connection) = &mut self.0
            && AnsiTransactionManager::rollback_transaction(&mut **connection).await.is_ok()
        {
            self.give_back();
        }
    }

    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            connection.discard();
        }
    }
}
