//! The row of `revocation_epoch`.

use diesel::prelude::*;
use doorward_domain::port::Epoch;

use crate::columns::Id;
use crate::schema::revocation_epoch;

/// The present epoch.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = revocation_epoch, treat_none_as_null = true, treat_none_as_default_value = false)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct EpochRow {
    id: i16,
    epoch: Id,
    witness: Option<String>,
}

impl EpochRow {
    /// The key of the only row there may be: of many who add one at once, all but the first meet it.
    pub const KEY: i16 = 1;
}

impl From<&Epoch> for EpochRow {
    fn from(epoch: &Epoch) -> Self {
        Self { id: Self::KEY, epoch: epoch.id.into(), witness: epoch.witness.clone() }
    }
}

impl From<EpochRow> for Epoch {
    fn from(row: EpochRow) -> Self {
        Self { id: row.epoch.into(), witness: row.witness }
    }
}
