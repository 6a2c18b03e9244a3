//! Times: milliseconds since 1970 in `SQLite`, `TIMESTAMPTZ` elsewhere.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::SqlType;
use diesel::sqlite::Sqlite;
use doorward_domain::Timestamp;
use std::io::Write;

/// On the wire a `TIMESTAMPTZ` counts microseconds from the first moment of the year 2000, UTC.
const WIRE_EPOCH_MILLIS: i64 = 946_684_800_000;
const MICROS_PER_MILLI: i64 = 1_000;

/// What both databases can hold: the years from 4700 before to 294200 after the beginning of our era.
const EARLIEST_MILLIS: i64 = -210_000_000_000_000;
const LATEST_MILLIS: i64 = 9_222_000_000_000_000;

/// The type of a column with points in time.
#[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct TimeColumn;

/// A point in time, exact to the millisecond. Far outside of any calendar it is the first or last one there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = TimeColumn)]
pub struct Time(Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<Time> for Timestamp {
    fn from(Time(at): Time) -> Self {
        at
    }
}

impl ToSql<TimeColumn, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.millis());
        Ok(IsNull::No)
    }
}

impl FromSql<TimeColumn, Sqlite> for Time {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Timestamp::from_millis(value.read_long())))
    }
}

impl ToSql<TimeColumn, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&micros(self.0).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<TimeColumn, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        let millis = micros.div_euclid(MICROS_PER_MILLI).saturating_add(WIRE_EPOCH_MILLIS);
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

fn micros(at: Timestamp) -> i64 {
    (at.millis().clamp(EARLIEST_MILLIS, LATEST_MILLIS) - WIRE_EPOCH_MILLIS).saturating_mul(MICROS_PER_MILLI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_counts_from_the_year_2000() {
        assert_eq!(micros(Timestamp::from_millis(WIRE_EPOCH_MILLIS)), 0);
        assert_eq!(micros(Timestamp::default()), -946_684_800_000_000);
        assert_eq!(micros(Timestamp::from_millis(WIRE_EPOCH_MILLIS + 1)), 1_000);
    }

    #[test]
    fn no_time_is_taken_for_infinity() {
        for millis in [i64::MIN, i64::MAX] {
            let micros = micros(Timestamp::from_millis(millis));
            assert!(micros > i64::MIN && micros < i64::MAX, "{micros}");
        }
    }
}
