//! What must hold of rows, beyond what the tables themselves enforce.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{SqliteConnection, select};
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::BadColumn;
use doorward_sql::columns::Id;
use doorward_sql::rows::{SessionRow, UserRow};
use doorward_sql::schema::{sessions, unfinished_transfers, users};

use super::{Finding, MOST_OF_A_KIND};
use crate::open::OpenError;

/// How many rows are in memory at a time.
const PAGE: i64 = 500;

/// Accounts that lack the row of an address, or have one that is another account's.
const UNREACHABLE: &str = "
    SELECT count(*) FROM users WHERE EXISTS (
        SELECT 1 FROM (SELECT users.username_norm AS name UNION SELECT users.email_norm) AS own
        WHERE NOT EXISTS (
            SELECT 1 FROM user_addresses AS kept WHERE kept.address_norm = own.name AND kept.user_id = users.id))";

/// Addresses of accounts that have others.
const STRAY: &str = "
    SELECT count(*) FROM user_addresses AS kept JOIN users ON users.id = kept.user_id
    WHERE kept.address_norm NOT IN (users.username_norm, users.email_norm)";

pub(super) fn examine(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let mut findings = illegible_users(connection)?;
    findings.extend(illegible_sessions(connection)?);
    let accounts: i64 = sql::<BigInt>(UNREACHABLE).get_result(connection)?;
    findings.extend((accounts > 0).then_some(Finding::Unreachable { accounts }));
    let addresses: i64 = sql::<BigInt>(STRAY).get_result(connection)?;
    findings.extend((addresses > 0).then_some(Finding::Stray { addresses }));
    let admins = users::table.filter(users::role.eq("admin")).filter(users::active.eq(true));
    let anybody: bool = select(exists(users::table.select(users::id))).get_result(connection)?;
    let anybody_rules: bool = select(exists(admins)).get_result(connection)?;
    findings.extend((anybody && !anybody_rules).then_some(Finding::NoAdmin));
    let unfinished: Vec<String> =
        unfinished_transfers::table.select(unfinished_transfers::source).load(connection)?;
    findings.extend(unfinished.into_iter().map(Finding::Unfinished));
    Ok(findings)
}

fn illegible_users(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let mut illegible = Illegible::of("users");
    let mut last = Id::NIL;
    loop {
        let page: Vec<(Id, UserRow, String, String)> = users::table
            .filter(users::id.gt(last))
            .order(users::id)
            .limit(PAGE)
            .select((users::id, UserRow::as_select(), users::username_norm, users::email_norm))
            .load(connection)?;
        let Some((end, ..)) = page.last() else { return Ok(illegible.findings()) };
        last = *end;
        for (id, row, username, email) in page {
            let id = UserId::from(id);
            match User::try_from(row) {
                Err(error) => illegible.add(&id, &told(&error)),
                Ok(user) if (user.username.normal(), user.email.normal()) != (&username, &email) => {
                    illegible.add(&id, "an address and its normal form do not belong together");
                }
                Ok(_) => {}
            }
        }
    }
}

fn illegible_sessions(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let mut illegible = Illegible::of("sessions");
    let mut last = Id::NIL;
    loop {
        let page: Vec<(Id, SessionRow)> = sessions::table
            .filter(sessions::id.gt(last))
            .order(sessions::id)
            .limit(PAGE)
            .select((sessions::id, SessionRow::as_select()))
            .load(connection)?;
        let Some((end, _)) = page.last() else { return Ok(illegible.findings()) };
        last = *end;
        for (id, row) in page {
            if let Err(error) = Session::try_from(row) {
                illegible.add(&SessionId::from(id), &told(&error));
            }
        }
    }
}

fn told(error: &BadColumn) -> String {
    format!("{} cannot be read: {}", error.column, error.source)
}

struct Illegible {
    table: &'static str,
    told: Vec<Finding>,
    untold: usize,
}

impl Illegible {
    fn of(table: &'static str) -> Self {
        Self { table, told: Vec::new(), untold: 0 }
    }

    fn add(&mut self, id: &dyn ToString, why: &str) {
        if self.told.len() < MOST_OF_A_KIND {
            self.told.push(Finding::Illegible { table: self.table, id: id.to_string(), why: why.to_owned() });
        } else {
            self.untold += 1;
        }
    }

    fn findings(mut self) -> Vec<Finding> {
        if self.untold > 0 {
            self.told.push(Finding::More { table: self.table, rows: self.untold });
        }
        self.told
    }
}
