//! `EpochRegistry` on `CockroachDB` and `PostgreSQL`.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::port::{Epoch, EpochRegistry, StoreError};
use doorward_sql::columns::Id;
use doorward_sql::rows::EpochRow;
use doorward_sql::schema::revocation_epoch;
use futures_util::FutureExt;
use uuid::Uuid;

use crate::operation::Operation;
use crate::store::CockroachStore;

#[async_trait]
impl EpochRegistry for CockroachStore {
    async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        self.read(Operation::Epoch, &(), |connection, ()| async { Ok(present(connection).await?) }.boxed())
            .await
    }

    async fn begin(&self, seen: Option<Uuid>, next: &Epoch) -> Result<Epoch, StoreError> {
        self.write(Operation::Epoch, Id::NIL, &(seen, next), |transaction, (seen, next), _| {
            async move {
                let connection = transaction.connection();
                let other = present(connection).await?.filter(|epoch| Some(epoch.id) != *seen);
                if let Some(other) = other {
                    return Ok(other);
                }
                keep(connection, next).await?;
                Ok(Epoch::clone(next))
            }
            .boxed()
        })
        .await
    }
}

async fn present(connection: &mut AsyncPgConnection) -> QueryResult<Option<Epoch>> {
    let row = revocation_epoch::table.find(EpochRow::KEY).select(EpochRow::as_select());
    Ok(row.get_result(connection).await.optional()?.map(Into::into))
}

async fn keep(connection: &mut AsyncPgConnection, next: &Epoch) -> QueryResult<()> {
    let row = EpochRow::from(next);
    diesel::insert_into(revocation_epoch::table)
        .values(&row)
        .on_conflict(revocation_epoch::id)
        .do_update()
        .set(&row)
        .execute(connection)
        .await
        .map(drop)
}
