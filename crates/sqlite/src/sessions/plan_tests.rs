//! What `SQLite` does to find ended sessions, by its own account.

use doorward_domain::port::EndedSession;
use doorward_testkit::sample;

use super::ended;
use crate::plan_tests::explain;

#[test]
fn a_page_of_ended_sessions_is_one_range_of_their_index_and_reads_no_row() {
    let later = EndedSession { at: sample::seconds_later(1), id: sample::session_id(1) };
    for after in [None, Some(later)] {
        let range = "SEARCH sessions USING COVERING INDEX sessions_by_end ((ended_at,id)>(?,?))";
        assert_eq!(explain(&ended::statement(sample::NOW, after, 20)), [range], "{after:?}");
    }
}
