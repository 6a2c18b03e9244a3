//! `UserIntake` on `CockroachDB` and `PostgreSQL`.
//!
//! Most who come are strangers, so that nothing is looked for at first: the primary keys tell of one who is not. What is
//! there already is then looked for outside of the transaction that adds: a serializable transaction that has looked at
//! addresses beside which somebody else adds one would have to begin again. Whoever was quicker meanwhile is noticed by
//! the primary keys, and it is looked once more.

mod statements;

use async_trait::async_trait;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{Inserted, NewUsers, StoreError, UserIntake};
use doorward_domain::user::{User, UserId};
use doorward_sql::Abort;
use doorward_sql::columns::Id;
use doorward_sql::intake::{Known, Plan};
use doorward_sql::rows::{AddressColumns, UserColumns};
use doorward_sql::steps::{Transaction as _, Try};
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;
use crate::writing::Writing;

/// How often others may be quicker: with an address that is wanted here, each time.
const LOOKS: usize = 16;

/// What is added in one transaction.
struct Rows {
    first: UserId,
    users: UserColumns,
    addresses: AddressColumns,
    entries: Vec<AuditEntry>,
}

/// Why nothing was added.
enum NotAdded {
    /// Somebody else has an address or an identifier, or has it by now.
    Taken,
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[async_trait]
impl UserIntake for CockroachStore {
    async fn insert_many(&self, new: NewUsers) -> Result<Vec<Inserted>, StoreError> {
        let NewUsers { users, entries, is_rehearsal } = new;
        // Those who come after somebody who is there are likely to be there as well: the file was taken in before.
        let first_look = usize::from(is_rehearsal || self.expectation().is_somebody_there());
        for look in first_look..LOOKS {
            let known = match look {
                0 => Known::default(),
                // Identifiers are new, as a rule: whether one is somebody's is asked where that may be the reason.
                _ => self.known(&users, is_rehearsal || look > 1).await?,
            };
            let Plan { outcomes, added } = Plan::of(&users, &known);
            self.expectation().learn(&outcomes);
            let those = || added.iter().filter_map(|place| users.get(*place));
            let Some(first) = those().next().filter(|_| !is_rehearsal) else {
                return Ok(outcomes);
            };
            let rows = Rows {
                first: first.id,
                users: UserColumns::of(those()).map_err(|error| StoreError::Broken(Box::new(error)))?,
                addresses: AddressColumns::of(those()),
                entries: NewUsers::entries_with(&entries, added.len()),
            };
            match self.add(&rows).await {
                Ok(()) => return Ok(outcomes),
                Err(NotAdded::Taken) => {}
                Err(NotAdded::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("others keep taking the same addresses".into()))
    }
}

impl CockroachStore {
    /// What there is of these, and whose it is.
    async fn known(&self, users: &[User], also_ids: bool) -> Result<Known, StoreError> {
        let AddressColumns { address_norm, .. } = AddressColumns::of(users);
        let ids: Vec<Id> =
            if also_ids { users.iter().map(|user| user.id.into()).collect() } else { Vec::new() };
        self.read(Operation::InsertManyUsers, &(address_norm, ids), |connection, (addresses, ids)| {
            async move {
                let addresses = statements::owners(connection, addresses).await?;
                Ok(Known { addresses, ids: statements::taken_ids(connection, ids).await? })
            }
            .boxed()
        })
        .await
    }

    /// One intake of this process at a time: two would look at the same pages of the index of identifiers, by the
    /// references of addresses, and make one another begin again.
    async fn add(&self, rows: &Rows) -> Result<(), NotAdded> {
        self.write(Operation::InsertManyUsers, Id::NIL, rows, |transaction, rows, tries| {
            add(transaction, rows, tries).boxed()
        })
        .await
    }
}

async fn add(transaction: &mut Writing<'_>, rows: &Rows, tries: Try) -> Result<(), Abort<NotAdded>> {
    // It was all of them or none.
    if tries == Try::PerhapsDoneBefore && transaction.user(rows.first).await?.is_some() {
        return Ok(());
    }
    let added = statements::add_users(transaction.connection(), &rows.users).await?;
    if added < rows.users.id.len() {
        return Err(Abort::Refused(NotAdded::Taken));
    }
    let claimed = statements::add_addresses(transaction.connection(), &rows.addresses).await?;
    if claimed < rows.addresses.user_id.len() {
        return Err(Abort::Refused(NotAdded::Taken));
    }
    Ok(transaction.record(&rows.entries).await?)
}
