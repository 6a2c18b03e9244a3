//! A row of `key_fingerprints`.

use diesel::prelude::*;
use doorward_domain::port::KeyFingerprint;

use crate::schema::key_fingerprints;

/// The name of a secret and what it is known by.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = key_fingerprints, treat_none_as_default_value = false, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct FingerprintRow {
    name: String,
    fingerprint: String,
}

impl From<&KeyFingerprint> for FingerprintRow {
    fn from(key: &KeyFingerprint) -> Self {
        Self { name: key.name.clone(), fingerprint: key.fingerprint.clone() }
    }
}

impl From<FingerprintRow> for KeyFingerprint {
    fn from(row: FingerprintRow) -> Self {
        Self { name: row.name, fingerprint: row.fingerprint }
    }
}
