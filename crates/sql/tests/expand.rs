//! What a migration says of itself is true: one marked `expand` does nothing that an older version would notice, whose
//! rows lack what is new and whose statements do not name it.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use doorward_sql::MigrationKind;
use doorward_testkit::newer;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, ColumnOption, CreateIndex, CreateTable, Expr,
    ReferentialAction, Statement, TableConstraint, Value,
};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

/// The last migrations from before migrations were marked, one for each database.
const LAST_UNMARKED: [(&str, &str); 2] = [("cockroach", "0033"), ("sqlite", "0005")];

fn dialect(database: &str) -> &'static dyn Dialect {
    if database == "sqlite" { &SQLiteDialect {} } else { &PostgreSqlDialect {} }
}

/// What an older version might notice of what these statements do, if anything.
fn objection(dialect: &dyn Dialect, sql: &str) -> Option<String> {
    let mut made = BTreeSet::new();
    Parser::parse_sql(dialect, sql).unwrap().iter().find_map(|statement| to_statement(statement, &mut made))
}

/// `made` are tables that no older version uses.
fn to_statement(statement: &Statement, made: &mut BTreeSet<String>) -> Option<String> {
    match statement {
        Statement::CreateTable(table) => {
            made.insert(table.name.to_string());
            to_table(table)
        }
        Statement::CreateIndex(index) => to_index(index, made),
        Statement::AlterTable(AlterTable { operations, .. }) => operations.iter().find_map(to_alteration),
        Statement::Insert(insert) if made.contains(&insert.table.to_string()) => None,
        other => Some(format!("older versions may need what this changes: {other}")),
    }
}

/// A new table is nobody's yet; but it must not keep others from deleting their rows.
fn to_table(table: &CreateTable) -> Option<String> {
    let lets_go = |action: Option<ReferentialAction>| {
        matches!(action, Some(ReferentialAction::Cascade | ReferentialAction::SetNull))
    };
    let of_table = table.constraints.iter().any(|constraint| match constraint {
        TableConstraint::ForeignKey(key) => !lets_go(key.on_delete),
        _ => false,
    });
    let options = table.columns.iter().flat_map(|column| &column.options);
    let of_column = options.map(|option| &option.option).any(|option| match option {
        ColumnOption::ForeignKey(key) => !lets_go(key.on_delete),
        _ => false,
    });
    (of_table || of_column).then(|| format!("{} keeps older versions from deleting", table.name))
}

fn to_index(index: &CreateIndex, made: &BTreeSet<String>) -> Option<String> {
    if made.contains(&index.table_name.to_string()) {
        return None;
    }
    if index.unique {
        return Some("older versions may write the same twice".to_owned());
    }
    let is_column = |expression: &Expr| matches!(expression, Expr::Identifier(_));
    let columns = index.columns.iter().all(|column| is_column(&column.column.expr));
    (!columns).then(|| "an expression may fail for what older versions write".to_owned())
}

fn to_alteration(operation: &AlterTableOperation) -> Option<String> {
    match operation {
        AlterTableOperation::AddColumn { column_def, .. } => to_column(column_def),
        other => Some(format!("older versions may need what this changes: {other}")),
    }
}

/// Older versions write rows without the column, and their rows are there already.
fn to_column(column: &ColumnDef) -> Option<String> {
    let mut may_be_missing = true;
    let mut has_default = false;
    for option in column.options.iter().map(|option| &option.option) {
        match option {
            ColumnOption::NotNull => may_be_missing = false,
            ColumnOption::Null => {}
            ColumnOption::Default(Expr::Value(value)) => has_default = value.value != Value::Null,
            other => return Some(format!("{} asks something of older versions' rows: {other}", column.name)),
        }
    }
    (!may_be_missing && !has_default).then(|| format!("older versions write no {}", column.name))
}

fn migrations(database: &str) -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(database);
    let mut found: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path.join("up.sql")).unwrap())
        })
        .collect();
    found.sort();
    assert!(found.len() > 4, "the migrations were not found");
    found
}

#[test]
fn every_migration_says_what_it_means_to_older_versions_and_it_is_true() {
    for (database, last) in LAST_UNMARKED {
        for (name, sql) in migrations(database) {
            let (number, _) = name.split_at(4);
            let is_marked = MigrationKind::of(&name) != MigrationKind::Unmarked;
            assert_eq!(
                is_marked,
                number > last,
                "{database}/{name}: call it {number}expand_… or {number}contract_…"
            );
            if MigrationKind::of(&name) == MigrationKind::Expand {
                assert_eq!(objection(dialect(database), &sql), None, "{database}/{name}");
            }
        }
    }
}

#[test]
fn the_gate_lets_through_what_only_adds() {
    for (database, _) in LAST_UNMARKED {
        assert!(
            newer::ADDITIONS.iter().all(|(version, _)| MigrationKind::of(version) == MigrationKind::Expand)
        );
        assert_eq!(objection(dialect(database), &newer::additions_alone()), None, "{database}");
        for sql in [
            "CREATE TABLE devices (id TEXT, user_id TEXT REFERENCES users (id) ON DELETE CASCADE)",
            "CREATE TABLE colours (name TEXT NOT NULL); INSERT INTO colours (name) VALUES ('red')",
            "CREATE INDEX users_by_city ON users (city, id) WHERE city IS NOT NULL",
            "ALTER TABLE users ADD COLUMN points BIGINT NOT NULL DEFAULT 0",
        ] {
            assert_eq!(objection(dialect(database), sql), None, "{database}: {sql}");
        }
    }
}

#[test]
fn the_gate_refuses_what_older_versions_would_notice() {
    for sql in [
        "DROP TABLE users",
        "DROP INDEX users_by_city",
        "ALTER TABLE users DROP COLUMN city",
        "ALTER TABLE users RENAME COLUMN city TO town",
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE users ALTER COLUMN city TYPE TEXT",
        "ALTER TABLE users ALTER COLUMN city SET NOT NULL",
        "ALTER TABLE users ALTER COLUMN city SET DEFAULT 'Paris'",
        "ALTER TABLE users ALTER COLUMN city DROP DEFAULT",
        "ALTER TABLE users ADD CONSTRAINT users_city CHECK (city <> '')",
        "ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email)",
        "ALTER TABLE users ADD COLUMN city TEXT NOT NULL",
        "ALTER TABLE users ADD COLUMN city TEXT NOT NULL DEFAULT NULL",
        "ALTER TABLE users ADD COLUMN city TEXT UNIQUE",
        "ALTER TABLE users ADD COLUMN city TEXT CHECK (city <> '')",
        "ALTER TABLE users ADD COLUMN city TEXT REFERENCES cities (name)",
        "ALTER TABLE users ADD COLUMN half BIGINT GENERATED ALWAYS AS (1 / points) STORED",
        "ALTER TABLE users ADD COLUMN nickname TEXT, DROP COLUMN city",
        "CREATE UNIQUE INDEX users_by_city ON users (city)",
        "CREATE INDEX users_by_half ON users ((1 / points))",
        "CREATE TABLE devices (id TEXT, user_id TEXT REFERENCES users (id))",
        "CREATE TABLE devices (id TEXT, CONSTRAINT f FOREIGN KEY (id) REFERENCES users (id) ON DELETE RESTRICT)",
        "CREATE TABLE devices (id TEXT); UPDATE users SET city = 'Paris'",
        "INSERT INTO users (id) VALUES ('1')",
        "DELETE FROM sessions",
        "CREATE VIEW people AS SELECT id FROM users",
    ] {
        assert!(objection(&PostgreSqlDialect {}, sql).is_some(), "{sql} is let through");
    }
    for sql in [
        "ALTER TABLE users DROP COLUMN city",
        "ALTER TABLE users ADD COLUMN city TEXT NOT NULL",
        "CREATE UNIQUE INDEX users_by_city ON users (city)",
        "UPDATE users SET city = 'Paris'",
    ] {
        assert!(objection(&SQLiteDialect {}, sql).is_some(), "{sql} is let through");
    }
}
