//! What `CockroachDB` does not take is kept out without having one: the migrations hold nothing that it lacks or does
//! in another way, and no transaction is opened but in the one place that tries again.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::fs;
use std::path::{Path, PathBuf};

use doorward_sql::MigrationKind;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ColumnDef, CreateIndex, CreateTable, Statement, TableConstraint,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// Words, in capitals, that mean something else to `CockroachDB` or nothing at all.
const FORBIDDEN: &[&str] = &[
    "SERIAL",
    "BIGSERIAL",
    "SMALLSERIAL",
    "INT",
    "INTEGER",
    "BIGINT",
    "SMALLINT",
    "CITEXT",
    "MONEY",
    "XML",
    "HSTORE",
    "TSRANGE",
    "TSTZRANGE",
    "INT8RANGE",
    "TYPE",
    "DOMAIN",
    "FUNCTION",
    "TRIGGER",
    "PROCEDURE",
    "DO",
    "LOCK",
    "LISTEN",
    "NOTIFY",
    "DEFERRABLE",
    "DEFERRED",
    "HASH",
    "UNIQUE",
    "TRUNCATE",
    "COLLATE",
    "EXTENSION",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "INHERITS",
    "SEQUENCE",
    "RULE",
    "VIEW",
    "GRANT",
    "REVOKE",
    "CONCURRENTLY",
    "EXCLUDE",
    "COMMENT",
    "VARCHAR",
    "CHAR",
    "TIMESTAMP",
    "JSON",
    "NUMERIC",
    "UPSERT",
    "FAMILY",
];

struct Migration {
    name: String,
    directory: PathBuf,
    up: String,
    down: String,
}

fn migrations() -> Vec<Migration> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/cockroach");
    let mut found: Vec<Migration> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let directory = entry.unwrap().path();
            let read = |file| fs::read_to_string(directory.join(file)).unwrap();
            let name = directory.file_name().unwrap().to_str().unwrap().to_owned();
            Migration { name, up: read("up.sql"), down: read("down.sql"), directory }
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(found.len() > 20, "the migrations were not found");
    found
}

/// The text without its comments.
fn code(sql: &str) -> String {
    sql.lines().map(|line| line.split("--").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The words of a statement, in capitals, without what stands between quotes.
fn words(sql: &str) -> Vec<String> {
    let unquoted: String = code(sql).split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    unquoted
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect()
}

fn statements(sql: &str) -> Vec<Statement> {
    Parser::parse_sql(&PostgreSqlDialect {}, sql).unwrap()
}

/// Why `CockroachDB` might not take the statement, or not twice; `None` where there is nothing to say against it.
fn objection(sql: &str) -> Option<String> {
    if let Some(word) = words(sql).iter().find(|word| FORBIDDEN.contains(&word.as_str())) {
        return Some(format!("{word} means something else to CockroachDB, or nothing"));
    }
    if code(sql).matches(';').count() != 1 {
        return Some("one statement, ended by its semicolon, is one change of the schema".to_owned());
    }
    match statements(sql).as_slice() {
        [Statement::CreateTable(table)] => objection_to_table(table),
        [
            Statement::CreateIndex(CreateIndex { if_not_exists: true, name: Some(_), .. })
            | Statement::Drop { if_exists: true, .. },
        ] => None,
        [Statement::AlterTable(AlterTable { operations, .. })] => match operations.as_slice() {
            [AlterTableOperation::AddColumn { if_not_exists: true, column_def, .. }] => {
                objection_to_column(column_def)
            }
            [AlterTableOperation::DropColumn { if_exists: true, .. }] => None,
            _ => Some("it is not one that may run again".to_owned()),
        },
        [_] => Some("it is not one that may run again".to_owned()),
        _ => Some("it is not one statement".to_owned()),
    }
}

fn objection_to_table(table: &CreateTable) -> Option<String> {
    if let Some(objection) = table.columns.iter().find_map(objection_to_column) {
        return Some(objection);
    }
    let has_name = |constraint: &TableConstraint| constraint.to_string().starts_with("CONSTRAINT ");
    if !table.constraints.iter().all(has_name) {
        return Some("every constraint has a name, which is how it is recognised".to_owned());
    }
    (!table.if_not_exists).then(|| "it does not run again".to_owned())
}

fn objection_to_column(column: &ColumnDef) -> Option<String> {
    const SHARED: [&str; 7] = ["UUID", "TEXT", "BOOL", "INT8", "INT2", "JSONB", "TIMESTAMPTZ"];
    let is_shared = SHARED.contains(&column.data_type.to_string().as_str());
    (!is_shared).then(|| format!("{} is of a type that the two databases do not share", column.name))
}

#[test]
fn every_migration_is_one_statement_that_both_databases_take_again_and_again() {
    for Migration { name, up, down, .. } in migrations() {
        for sql in [&up, &down] {
            assert_eq!(objection(sql), None, "{name}: {sql}");
        }
    }
}

#[test]
fn the_gate_refuses_what_it_should() {
    for sql in [
        "CREATE TABLE IF NOT EXISTS t (n SERIAL);",
        "CREATE TABLE IF NOT EXISTS t (n INT);",
        "CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL);",
        "CREATE TABLE IF NOT EXISTS t (n DATE);",
        "CREATE TABLE IF NOT EXISTS t (n INT8, PRIMARY KEY (n));",
        "CREATE TABLE IF NOT EXISTS t (n INT8, CONSTRAINT u UNIQUE (n));",
        "CREATE TABLE t (n INT8);",
        "CREATE TABLE IF NOT EXISTS t (n TEXT COLLATE \"C\");",
        "CREATE TABLE IF NOT EXISTS t (n INT8); CREATE INDEX IF NOT EXISTS i ON t (n);",
        "CREATE INDEX i ON t (n);",
        "CREATE INDEX IF NOT EXISTS i ON t USING HASH (n);",
        "CREATE TYPE mood AS ENUM ('sad');",
        "CREATE FUNCTION f() RETURNS TEXT LANGUAGE sql AS 'SELECT 1';",
        "ALTER TABLE t ALTER COLUMN n TYPE TEXT;",
        "DO $$ BEGIN END $$;",
        "LISTEN news;",
        "DROP TABLE t;",
        "ALTER TABLE t ADD COLUMN n TEXT;",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS n DATE;",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS n TEXT, DROP COLUMN IF EXISTS m;",
        "ALTER TABLE t DROP COLUMN n;",
        "INSERT INTO t VALUES (1);",
    ] {
        assert!(objection(sql).is_some(), "{sql} is let through");
    }
    for sql in [
        "CREATE TABLE IF NOT EXISTS t (n INT8 NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (n));",
        "-- A UNIQUE comment; with everything.\nCREATE INDEX IF NOT EXISTS i ON t (n) WHERE n > 1;",
        "DROP INDEX IF EXISTS i;",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS n TEXT;",
        "ALTER TABLE t DROP COLUMN IF EXISTS n;",
    ] {
        assert_eq!(objection(sql), None, "{sql}");
    }
}

/// Whether that is what the migration is seen by when it is through.
fn is_called_after(name: &str, up: &str) -> bool {
    let (_, object) = name.split_once('_').unwrap();
    if let [Statement::AlterTable(AlterTable { name: table, operations, .. })] = statements(up).as_slice() {
        return match operations.as_slice() {
            [AlterTableOperation::AddColumn { column_def: ColumnDef { name: column, .. }, .. }] => {
                MigrationKind::of(name) == MigrationKind::Expand && object == format!("{table}_{column}")
            }
            [AlterTableOperation::DropColumn { column_names, .. }] => match column_names.as_slice() {
                [column] => {
                    MigrationKind::of(name) == MigrationKind::Contract
                        && object == format!("{table}_{column}")
                }
                _ => false,
            },
            _ => false,
        };
    }
    let kinds = ["TABLE", "INDEX"];
    if MigrationKind::of(name) == MigrationKind::Contract {
        return kinds.iter().any(|kind| code(up).contains(&format!("DROP {kind} IF EXISTS {object};")));
    }
    let made = kinds.map(|kind| format!("CREATE {kind} IF NOT EXISTS {object} "));
    made.iter().any(|made| code(up).contains(made))
}

#[test]
fn a_migration_is_called_like_what_it_makes_or_takes_away() {
    for Migration { name, up, .. } in migrations() {
        assert!(is_called_after(&name, &up), "{name}");
    }
    for (name, up, expected) in [
        ("0034expand_t_n", "ALTER TABLE t ADD COLUMN IF NOT EXISTS n TEXT;", true),
        ("0034contract_t_n", "ALTER TABLE t ADD COLUMN IF NOT EXISTS n TEXT;", false),
        ("0034expand_n", "ALTER TABLE t ADD COLUMN IF NOT EXISTS n TEXT;", false),
        ("0034contract_t_n", "ALTER TABLE t DROP COLUMN IF EXISTS n;", true),
        ("0034expand_t_n", "ALTER TABLE t DROP COLUMN IF EXISTS n;", false),
        ("0034contract_i", "DROP INDEX IF EXISTS i;", true),
        ("0034expand_i", "DROP INDEX IF EXISTS i;", false),
        ("0034contract_j", "DROP INDEX IF EXISTS i;", false),
    ] {
        assert_eq!(is_called_after(name, up), expected, "{name}: {up}");
    }
}

#[test]
fn no_migration_is_in_a_transaction() {
    for Migration { name, directory, .. } in migrations() {
        let metadata = fs::read_to_string(directory.join("metadata.toml")).unwrap();
        assert!(metadata.lines().any(|line| line == "run_in_transaction = false"), "{name}");
    }
}

#[test]
fn migrations_are_numbered_one_after_another() {
    for (place, migration) in (1..).zip(migrations()) {
        assert!(migration.name.starts_with(&format!("{place:04}")), "{}", migration.name);
    }
}

/// Every source file of this crate but its tests, by its path in `src`.
fn sources() -> Vec<(String, String)> {
    fn gather(directory: &Path, base: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.to_str().unwrap().contains("tests") {
                continue;
            }
            if path.is_dir() {
                gather(&path, base, found);
            } else {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    gather(&base, &base, &mut found);
    assert!(found.len() > 30, "the sources were not found");
    found
}

#[test]
fn transactions_are_opened_and_ended_in_one_place() {
    for (name, text) in sources() {
        for word in [
            "begin_transaction",
            "commit_transaction",
            "rollback_transaction",
            "build_transaction",
            ".transaction(",
        ] {
            let is_the_place = name.starts_with("transactions/");
            let own = word == ".transaction(" && text.contains("self.transaction(") && is_the_place;
            assert!(!text.contains(word) || is_the_place || own, "{name} says {word}");
        }
        assert!(!text.contains("batch_execute") || name.starts_with("migrations/"), "{name}");
    }
}

#[test]
fn no_statement_asks_for_whatever_columns_there_are_or_for_what_one_database_lacks() {
    for (name, text) in sources() {
        let capitals = text.to_uppercase();
        for said in [
            "SELECT *",
            "RETURNING *",
            "UPSERT ",
            "AS OF SYSTEM TIME",
            "PG_ADVISORY",
            "PG_TRY_ADVISORY",
            "LOCK TABLE",
            "SKIP LOCKED",
            "ON CONSTRAINT",
            " OFFSET ",
            ".FILTER_TARGET(",
            "FORCE_SAVEPOINT",
        ] {
            assert!(!capitals.contains(said), "{name} says {said}");
        }
    }
}
