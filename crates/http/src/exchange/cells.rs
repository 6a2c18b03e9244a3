//! A row of a table: each column is a path in the document.

use std::error::Error;
use std::fmt;

use doorward_domain::accounts::ImportedAccount;

use super::RowReader;
use crate::error::FieldFault;
use crate::read::Json;

/// How many columns a table has that is handed out; the others only come in.
const HANDED_OUT: usize = 25;

/// Every column, in the order in which accounts are handed out.
pub const COLUMNS: [&str; HANDED_OUT + 4] = [
    "id",
    "username",
    "email",
    "default_user_type",
    "role",
    "active",
    "last_login",
    "created_at",
    "updated_at",
    "profile.fullname",
    "profile.gender",
    "profile.city",
    "accounts.gmail.is_login",
    "accounts.youtube.is_login",
    "accounts.facebook.is_login",
    "user_type.streamer.streamer_id",
    "user_type.streamer.streaming_history",
    "user_type.seller.streamer_id",
    "user_type.seller.streaming_history",
    "played_games",
    "favorites.facebook",
    "favorites.youtube",
    "password_scheme",
    "password_hash",
    "pepper",
    // Those that only come in.
    "name",
    "password",
    "password_confirm",
    "hobby",
];

/// Those that hold a list, as JSON.
const LISTS: [&str; 5] = [
    "user_type.streamer.streaming_history",
    "user_type.seller.streaming_history",
    "played_games",
    "favorites.facebook",
    "favorites.youtube",
];

/// What a cell that a spreadsheet would take for a formula begins with, and what protects it.
pub(super) const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', PROTECTION];
pub(super) const PROTECTION: char = '\'';

/// The columns of a table.
#[derive(Clone, Debug)]
pub struct Columns(Vec<&'static str>);

/// Why a first line names no columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownColumns {
    /// This is none.
    Unknown(String),
    /// This stands twice.
    Twice(String),
    /// Nothing names an account.
    NoUsername,
}

impl fmt::Display for UnknownColumns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => {
                write!(formatter, "there is no column {name:?}; the columns are {}", known())
            }
            Self::Twice(name) => write!(formatter, "the column {name:?} stands twice"),
            Self::NoUsername => {
                formatter.write_str("there is no column \"username\"; the first line must name the columns")
            }
        }
    }
}

impl Error for UnknownColumns {}

fn known() -> String {
    COLUMNS.iter().filter(|name| **name != "hobby").copied().collect::<Vec<_>>().join(", ")
}

impl Columns {
    /// Reads the first line.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownColumns> {
        let mut columns = Vec::new();
        for name in names {
            let found = COLUMNS.iter().find(|known| **known == name && name != "hobby");
            let column = *found.ok_or_else(|| UnknownColumns::Unknown(name.chars().take(64).collect()))?;
            if columns.contains(&column) {
                return Err(UnknownColumns::Twice(column.to_owned()));
            }
            columns.push(column);
        }
        if columns.contains(&"username") { Ok(Self(columns)) } else { Err(UnknownColumns::NoUsername) }
    }

    /// The cell of the username.
    pub fn username_in<'a>(&self, cells: &[&'a str]) -> Option<&'a str> {
        let place = self.0.iter().position(|name| *name == "username")?;
        cells.get(place).map(|cell| unprotected(cell))
    }
}

impl RowReader {
    /// Reads the cells of one line. An empty cell is a field that is not given.
    pub fn read_cells(&self, columns: &Columns, cells: &[&str]) -> Result<ImportedAccount, Vec<FieldFault>> {
        if cells.len() != columns.0.len() {
            let message = format!("has {} cells where there are {} columns", cells.len(), columns.0.len());
            return Err(vec![FieldFault::new("", message)]);
        }
        let (mut object, mut faults) = (Vec::new(), Vec::new());
        for (column, cell) in columns.0.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match value(column, cell) {
                Ok(value) => put(&mut object, column, value),
                Err(fault) => faults.push(fault),
            }
        }
        match self.read(&Json::Object(object)) {
            Ok(account) if faults.is_empty() => Ok(account),
            Ok(_) => Err(faults),
            Err(more) => {
                // What is said to be missing may only have been unreadable.
                let more =
                    more.into_iter().filter(|fault| faults.iter().all(|told| told.field != fault.field));
                Err(more.collect::<Vec<_>>().into_iter().chain(faults).collect())
            }
        }
    }
}

fn value(column: &str, cell: &str) -> Result<Json, FieldFault> {
    if LISTS.contains(&column) {
        let list = serde_json::from_str(cell);
        return list.map_err(|_| FieldFault::new(column, "must be a list in JSON, such as [\"CHESS\"]"));
    }
    let is_flag = column == "active" || column.ends_with(".is_login");
    Ok(match cell {
        "true" | "True" | "TRUE" | "t" | "1" if is_flag => Json::Flag(true),
        "false" | "False" | "FALSE" | "f" | "0" if is_flag => Json::Flag(false),
        // Nobody has protected what is never handed out: a password may begin so.
        cell if is_handed_out(column) => Json::Text(unprotected(cell).to_owned()),
        cell => Json::Text(cell.to_owned()),
    })
}

fn is_handed_out(column: &str) -> bool {
    COLUMNS.iter().take(HANDED_OUT).any(|name| *name == column)
}

/// The cell as it was before a spreadsheet had to be kept from calculating it.
fn unprotected(cell: &str) -> &str {
    cell.strip_prefix(PROTECTION).filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

fn put(object: &mut Vec<(String, Json)>, path: &str, value: Json) {
    let Some((name, rest)) = path.split_once('.') else {
        object.push((path.to_owned(), value));
        return;
    };
    if let Some((_, Json::Object(inner))) = object.iter_mut().find(|(key, _)| key == name) {
        put(inner, rest, value);
        return;
    }
    let mut inner = Vec::new();
    put(&mut inner, rest, value);
    object.push((name.to_owned(), Json::Object(inner)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_names_columns_that_there_are_each_once() {
        assert!(Columns::read(COLUMNS.into_iter().filter(|name| *name != "hobby")).is_ok());
        for (names, told) in [
            (&["username", "shoe_size"][..], "no column \"shoe_size\""),
            (&["username", "email", "username"], "stands twice"),
            (&["email"], "no column \"username\""),
            (&[], "no column \"username\""),
        ] {
            let refused = Columns::read(names.iter().copied()).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
        }
    }

    #[test]
    fn what_protects_a_cell_is_taken_away_and_nothing_else() {
        for (cell, expected) in [
            ("'=1+1", "=1+1"),
            ("''=1", "'=1"),
            ("'+", "+"),
            ("'quoted", "'quoted"),
            ("'", "'"),
            ("=1", "=1"),
        ] {
            assert_eq!(unprotected(cell), expected);
        }
    }
}
