//! What `PostgreSQL` does to find a page of the audit log, by its own account of each statement that was carried out.

use std::time::Duration;

use diesel_async::RunQueryDsl;
use doorward_domain::Timestamp;
use doorward_domain::audit::{Action, Outcome};
use doorward_domain::port::{AuditFilter, AuditPosition, AuditQuery, OldEntries};
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::AuditRow;
use doorward_testkit::sample;

use super::{oldest, page};
use crate::plan_tests::crowd::{Telling, crowd};

/// A statement is planned for its values five times. Then there may be one plan for all values, if that looks as good.
const TIMES: usize = 8;

/// When the entry of so many was made.
fn made_at(number: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + number)
}

/// What is looked for by each index. Deletions are rare; each actor, target and request has more than a page. Where
/// there is less, sorting it is as good.
fn cases() -> Vec<(&'static str, AuditFilter)> {
    let person = || Some("person7@example.com".to_owned());
    vec![
        ("time", AuditFilter::default()),
        (
            "time",
            AuditFilter { since: Some(made_at(10)), until: Some(made_at(19_000)), ..Default::default() },
        ),
        ("actor", AuditFilter { actor: person(), ..Default::default() }),
        ("target", AuditFilter { target: person(), ..Default::default() }),
        ("action", AuditFilter { action: Some(Action::Delete), ..Default::default() }),
        ("refusal", AuditFilter { outcome: Some(Outcome::Refused), ..Default::default() }),
        ("request", AuditFilter { request_id: Some("request7".to_owned()), ..Default::default() }),
    ]
}

#[tokio::test]
async fn a_page_of_the_audit_log_is_one_range_of_an_index_and_is_not_sorted() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    for (index, filter) in cases() {
        for after in [None, Some(15_000)] {
            let after = after.map(|number| AuditPosition { at: made_at(number), id: sample::audit_id(1) });
            let query = AuditQuery { filter: filter.clone(), after, limit: 20 };
            for _ in 0..TIMES {
                let found: Vec<AuditRow> = page(&query).load(&mut telling.connection).await.unwrap();
                let plans = telling.plans();
                let [plan] = &plans[..] else { panic!("{plans:#?}") };
                let case = format!("{query:?}: {plan}");
                assert!(!found.is_empty(), "{case}");
                assert!(
                    plan.contains(&format!("Scan Backward using audit_log_by_{index} on audit_log")),
                    "{case}"
                );
                assert!(!plan.contains("Sort") && !plan.contains("Filter"), "{case}");
                assert_eq!(plan.contains("(ROW(at, id) < ROW("), after.is_some(), "{case}");
            }
        }
    }
}

/// The statement itself says which entries it wants: one plan for all values can use the index.
#[tokio::test]
async fn a_page_of_what_was_refused_is_found_by_its_index_whatever_its_values_are() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let settings = diesel::sql_query("SET plan_cache_mode = force_generic_plan");
    settings.execute(&mut telling.connection).await.unwrap();
    let filter = AuditFilter { outcome: Some(Outcome::Refused), ..Default::default() };
    let query = AuditQuery { filter, after: None, limit: 20 };
    let found: Vec<AuditRow> = page(&query).load(&mut telling.connection).await.unwrap();
    let plan = telling.plans().concat();
    assert_eq!(found.len(), 20, "{plan}");
    assert!(plan.contains("Scan Backward using audit_log_by_refusal on audit_log"), "{plan}");
}

/// Skipping every other entry on the way back through time is as good as an index of its own.
#[tokio::test]
async fn a_page_of_what_half_of_the_entries_are_is_not_sorted() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    let filter = AuditFilter { action: Some(Action::Login), ..Default::default() };
    let query = AuditQuery { filter, after: None, limit: 20 };
    for _ in 0..TIMES {
        let found: Vec<AuditRow> = page(&query).load(&mut telling.connection).await.unwrap();
        let plan = telling.plans().concat();
        assert_eq!(found.len(), 20, "{plan}");
        assert!(plan.contains("Scan Backward using audit_log_by_") && !plan.contains("Sort"), "{plan}");
    }
}

#[tokio::test]
async fn what_is_forgotten_is_one_range_of_the_index_by_time_that_begins_behind_what_was_forgotten_last() {
    let Some(database) = crowd().await else { return };
    let mut telling = Telling::on(&database).await;
    for beyond in [None, Some(AuditPosition { at: made_at(500), id: sample::audit_id(1) })] {
        let old = OldEntries { now: made_at(1_000), kept: Duration::ZERO, beyond, limit: 100 };
        for _ in 0..TIMES {
            let found: Vec<(Time, Id)> = oldest(&old).load(&mut telling.connection).await.unwrap();
            let plan = telling.plans().concat();
            assert_eq!(found.len(), 100, "{plan}");
            assert!(plan.contains("using audit_log_by_time on audit_log"), "{plan}");
            assert!(plan.contains("(ROW(at, id) > ROW(") && !plan.contains("Sort"), "{plan}");
            assert!(!plan.contains("Filter"), "{plan}");
        }
    }
}
