//! What `PostgreSQL` does to find ended sessions, by its own account of each statement that was carried out.

use doorward_domain::Timestamp;
use doorward_domain::port::EndedSession;
use doorward_testkit::sample;

use super::ended;
use crate::plan_tests::crowd::{Telling, crowd};

/// A statement is planned for its values five times. Then there may be one plan for all values, if that looks as good.
const TIMES: usize = 8;

/// When the session of so many in the crowd had ended.
fn ended_at(number: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + number)
}

#[tokio::test]
async fn a_page_of_ended_sessions_is_one_range_of_their_index() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    // All of them, some, the last few, none.
    for since in [0, 10_000, 19_990, 20_001] {
        for after in [None, Some(15_000)] {
            let after = after.map(|number| EndedSession { at: ended_at(number), id: sample::session_id(1) });
            for _ in 0..TIMES {
                let page = ended::list(&mut telling.connection, ended_at(since), after, 20).await.unwrap();
                let plans = telling.plans();
                let [plan] = &plans[..] else { panic!("{plans:#?}") };
                let case = format!("{since} {after:?}: {page:?} {plan}");
                assert_eq!(page.is_empty(), since > 20_000, "{case}");
                assert!(plan.contains(" using sessions_by_end on sessions\n"), "{case}");
                assert!(plan.contains("Index Cond: (ROW(ended_at, id) > ROW("), "{case}");
                assert!(!plan.contains("Sort") && !plan.contains("Filter"), "{case}");
            }
        }
    }
}
