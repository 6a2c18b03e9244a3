//! Identifiers as 16 bytes: their order in the file is their order in the domain.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Binary;
use diesel::sqlite::Sqlite;
use doorward_domain::token::{SessionId, TokenId};
use doorward_domain::user::UserId;
use uuid::Uuid;

/// An identifier of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Id(Uuid);

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

stands_for!(UserId, SessionId, TokenId);

impl ToSql<Binary, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Binary, Sqlite> for Id {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}
