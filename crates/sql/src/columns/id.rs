//! Identifiers: 16 bytes in `SQLite`, `UUID` elsewhere. Their order in the table is their order in the domain.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::SqlType;
use diesel::sqlite::Sqlite;
use doorward_domain::audit::AuditId;
use doorward_domain::token::{SessionId, TokenId};
use doorward_domain::user::UserId;
use std::io::Write;
use uuid::Uuid;

/// The type of a column with identifiers.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct IdColumn;

/// An identifier of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = IdColumn)]
pub struct Id(Uuid);

impl Id {
    /// Stands for nothing and nobody (RFC 9562 §5.9).
    pub const NIL: Self = Self(Uuid::nil());
}

macro_rules! stands_for {
    ($($name:ty),+) => {
        $(
            impl From<$name> for Id {
                fn from(id: $name) -> Self {
                    Self(id.uuid())
                }
            }

            impl From<Id> for $name {
                fn from(id: Id) -> Self {
                    Self::new(id.0)
                }
            }
        )+
    };
}

stands_for!(UserId, SessionId, TokenId, AuditId);

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<Id> for Uuid {
    fn from(Id(id): Id) -> Self {
        id
    }
}

impl ToSql<IdColumn, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<IdColumn, Sqlite> for Id {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}

impl ToSql<IdColumn, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<IdColumn, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}
