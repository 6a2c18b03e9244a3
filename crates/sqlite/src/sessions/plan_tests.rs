//! What `SQLite` does to find ended sessions, by its own account.

use std::time::Duration;

use diesel::debug_query;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use doorward_domain::port::EndedSession;
use doorward_testkit::sample;

use super::ended;
use crate::open::DatabaseFile;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps to a page.
fn plan(after: Option<EndedSession>) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let (_, mut connection) =
        DatabaseFile::open(&directory.path().join("doorward.db"), Duration::ZERO).unwrap();
    let page = debug_query::<Sqlite, _>(&ended::statement(sample::NOW, after, 20)).to_string();
    let (page, _binds) = page.split_once(" -- binds").unwrap();
    let steps: Vec<Step> =
        diesel::sql_query(format!("EXPLAIN QUERY PLAN {page}")).load(&mut connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

#[test]
fn a_page_of_ended_sessions_is_one_range_of_their_index_and_reads_no_row() {
    let later = EndedSession { at: sample::seconds_later(1), id: sample::session_id(1) };
    for after in [None, Some(later)] {
        let range = "SEARCH sessions USING COVERING INDEX sessions_by_end ((ended_at,id)>(?,?))";
        assert_eq!(plan(after), [range], "{after:?}");
    }
}
