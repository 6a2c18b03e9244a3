//! `EpochRegistry` on `SQLite`.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::{Epoch, EpochRegistry, StoreError};
use doorward_sql::rows::EpochRow;
use doorward_sql::schema::revocation_epoch;
use uuid::Uuid;

use crate::store::SqliteStore;

#[async_trait]
impl EpochRegistry for SqliteStore {
    async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        self.look_up(|connection| Ok(present(connection)?)).await
    }

    async fn begin(&self, seen: Option<Uuid>, next: &Epoch) -> Result<Epoch, StoreError> {
        let next = next.clone();
        self.write(move |connection| {
            let other = present(connection)?.filter(|epoch| Some(epoch.id) != seen);
            if let Some(other) = other {
                return Ok(other);
            }
            keep(connection, &next)?;
            Ok(next)
        })
        .await
    }
}

fn present(connection: &mut SqliteConnection) -> QueryResult<Option<Epoch>> {
    let row = revocation_epoch::table.find(EpochRow::KEY).select(EpochRow::as_select());
    Ok(row.get_result(connection).optional()?.map(Into::into))
}

fn keep(connection: &mut SqliteConnection, next: &Epoch) -> QueryResult<()> {
    let row = EpochRow::from(next);
    diesel::insert_into(revocation_epoch::table)
        .values(&row)
        .on_conflict(revocation_epoch::id)
        .do_update()
        .set(&row)
        .execute(connection)
        .map(drop)
}
