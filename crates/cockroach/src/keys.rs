//! `KeyRegistry` on `CockroachDB` and `PostgreSQL`.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::port::{KeyFingerprint, KeyRegistry, StoreError};
use doorward_sql::columns::Id;
use doorward_sql::rows::FingerprintRow;
use doorward_sql::schema::key_fingerprints;
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;

#[async_trait]
impl KeyRegistry for CockroachStore {
    async fn registered(&self) -> Result<Vec<KeyFingerprint>, StoreError> {
        self.read(Operation::Keys, &(), |connection, ()| async { Ok(registered(connection).await?) }.boxed())
            .await
    }

    async fn register_first(&self, own: &[KeyFingerprint]) -> Result<Vec<KeyFingerprint>, StoreError> {
        self.write(Operation::Keys, Id::NIL, own, |transaction, own, _| {
            async move {
                let connection = transaction.connection();
                let before = registered(connection).await?;
                if !before.is_empty() {
                    return Ok(before);
                }
                add(connection, own).await?;
                Ok(registered(connection).await?)
            }
            .boxed()
        })
        .await
    }

    async fn register(&self, own: &[KeyFingerprint]) -> Result<(), StoreError> {
        self.write(Operation::Keys, Id::NIL, own, |transaction, own, _| {
            async move {
                let connection = transaction.connection();
                diesel::delete(key_fingerprints::table).execute(connection).await?;
                Ok(add(connection, own).await?)
            }
            .boxed()
        })
        .await
    }

    async fn amend(&self, these: &[KeyFingerprint], gone: &[String]) -> Result<(), StoreError> {
        let names: Vec<String> =
            these.iter().map(|key| key.name.clone()).chain(gone.iter().cloned()).collect();
        self.write(Operation::Keys, Id::NIL, &(these, names), |transaction, (these, names), _| {
            async move {
                let connection = transaction.connection();
                let them = key_fingerprints::table.filter(key_fingerprints::name.eq_any(names));
                diesel::delete(them).execute(connection).await?;
                Ok(add(connection, these).await?)
            }
            .boxed()
        })
        .await
    }
}

async fn registered(connection: &mut AsyncPgConnection) -> QueryResult<Vec<KeyFingerprint>> {
    let rows: Vec<FingerprintRow> = key_fingerprints::table
        .order(key_fingerprints::name)
        .select(FingerprintRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

async fn add(connection: &mut AsyncPgConnection, keys: &[KeyFingerprint]) -> QueryResult<()> {
    let rows: Vec<FingerprintRow> = keys.iter().map(Into::into).collect();
    diesel::insert_into(key_fingerprints::table).values(rows).execute(connection).await.map(drop)
}
