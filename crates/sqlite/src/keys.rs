//! `KeyRegistry` on `SQLite`.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::{KeyFingerprint, KeyRegistry, StoreError};
use doorward_sql::rows::FingerprintRow;
use doorward_sql::schema::key_fingerprints;

use crate::store::SqliteStore;

#[async_trait]
impl KeyRegistry for SqliteStore {
    async fn registered(&self) -> Result<Vec<KeyFingerprint>, StoreError> {
        self.look_up(|connection| Ok(registered(connection)?)).await
    }

    async fn register_first(&self, own: &[KeyFingerprint]) -> Result<Vec<KeyFingerprint>, StoreError> {
        let own = own.to_vec();
        self.write(move |connection| {
            let before = registered(connection)?;
            if !before.is_empty() {
                return Ok(before);
            }
            add(connection, &own)?;
            Ok(registered(connection)?)
        })
        .await
    }

    async fn register(&self, own: &[KeyFingerprint]) -> Result<(), StoreError> {
        let own = own.to_vec();
        self.write(move |connection| {
            diesel::delete(key_fingerprints::table).execute(connection)?;
            Ok(add(connection, &own)?)
        })
        .await
    }

    async fn amend(&self, these: &[KeyFingerprint], gone: &[String]) -> Result<(), StoreError> {
        let these = these.to_vec();
        let names: Vec<String> =
            these.iter().map(|key| key.name.clone()).chain(gone.iter().cloned()).collect();
        self.write(move |connection| {
            let them = key_fingerprints::table.filter(key_fingerprints::name.eq_any(&names));
            diesel::delete(them).execute(connection)?;
            Ok(add(connection, &these)?)
        })
        .await
    }
}

pub(crate) fn registered(connection: &mut SqliteConnection) -> QueryResult<Vec<KeyFingerprint>> {
    let rows: Vec<FingerprintRow> = key_fingerprints::table
        .order(key_fingerprints::name)
        .select(FingerprintRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) fn add(connection: &mut SqliteConnection, keys: &[KeyFingerprint]) -> QueryResult<()> {
    let rows: Vec<FingerprintRow> = keys.iter().map(Into::into).collect();
    diesel::insert_into(key_fingerprints::table).values(rows).execute(connection).map(drop)
}
