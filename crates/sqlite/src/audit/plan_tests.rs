//! What `SQLite` does to find a page of the audit log, by its own account.

use std::time::Duration;

use doorward_domain::audit::{Action, Outcome};
use doorward_domain::port::{AuditFilter, AuditPosition, AuditQuery, OldEntries};
use doorward_testkit::sample;

use super::{oldest, page};
use crate::plan_tests::explain;

/// The one step to a page.
fn plan(filter: &AuditFilter, continued: bool) -> String {
    let after = continued.then(|| AuditPosition { at: sample::NOW, id: sample::audit_id(1) });
    let query = AuditQuery { filter: filter.clone(), after, limit: 20 };
    let steps = explain(&page(&query));
    let [step] = &steps[..] else { panic!("{query:?}: {steps:?}") };
    step.clone()
}

/// What is looked for by an index of its own, with that index's columns.
fn indexed() -> [(AuditFilter, &'static str); 4] {
    let text = Some("something".to_owned());
    [
        (AuditFilter { actor: text.clone(), ..Default::default() }, "actor"),
        (AuditFilter { target: text.clone(), ..Default::default() }, "target"),
        (AuditFilter { action: Some(Action::Login), ..Default::default() }, "action"),
        (AuditFilter { request_id: text, ..Default::default() }, "request"),
    ]
}

fn column(index: &str) -> &str {
    if index == "request" { "request_id" } else { index }
}

#[test]
fn a_page_of_everything_is_one_range_of_the_index_by_time() {
    let everything = AuditFilter::default();
    assert_eq!(plan(&everything, false), "SCAN audit_log USING INDEX audit_log_by_time");
    let after = "SEARCH audit_log USING INDEX audit_log_by_time ((at,id)<(?,?))";
    assert_eq!(plan(&everything, true), after);
}

#[test]
fn a_page_of_an_actor_a_target_an_action_or_a_request_is_one_range_of_its_index() {
    for (filter, index) in indexed() {
        let begin = format!("SEARCH audit_log USING INDEX audit_log_by_{index} ({}=?", column(index));
        assert_eq!(plan(&filter, false), format!("{begin})"), "{filter:?}");
        assert_eq!(plan(&filter, true), format!("{begin} AND (at,id)<(?,?))"), "{filter:?}");
    }
}

#[test]
fn a_span_of_time_bounds_each_range_at_both_ends() {
    let span = AuditFilter {
        since: Some(sample::NOW),
        until: Some(sample::seconds_later(60)),
        ..AuditFilter::default()
    };
    for (filter, index) in indexed() {
        let filter = AuditFilter { since: span.since, until: span.until, ..filter };
        let begin = format!("SEARCH audit_log USING INDEX audit_log_by_{index} ({}=?", column(index));
        assert_eq!(plan(&filter, false), format!("{begin} AND at>? AND at<?)"), "{filter:?}");
        let later = plan(&filter, true);
        assert!(later.starts_with(&format!("{begin} AND at>?")) && later.contains('<'), "{later}");
    }
    let alone = plan(&span, false);
    assert_eq!(alone, "SEARCH audit_log USING INDEX audit_log_by_time (at>? AND at<?)");
    let later = plan(&span, true);
    assert!(later.contains("audit_log_by_time (at>?") && later.contains('<'), "{later}");
}

#[test]
fn a_page_of_what_was_refused_is_one_range_of_the_index_of_refusals() {
    let refused = AuditFilter { outcome: Some(Outcome::Refused), ..AuditFilter::default() };
    assert_eq!(plan(&refused, false), "SCAN audit_log USING INDEX audit_log_by_refusal");
    let after = "SEARCH audit_log USING INDEX audit_log_by_refusal ((at,id)<(?,?))";
    assert_eq!(plan(&refused, true), after);
    let lately = AuditFilter { since: Some(sample::NOW), ..refused };
    assert_eq!(plan(&lately, false), "SEARCH audit_log USING INDEX audit_log_by_refusal (at>?)");
}

/// Nearly everything is done.
#[test]
fn a_page_of_what_was_done_is_one_range_of_the_index_by_time() {
    let done = AuditFilter { outcome: Some(Outcome::Done), ..AuditFilter::default() };
    assert_eq!(plan(&done, false), "SCAN audit_log USING INDEX audit_log_by_time");
}

/// Whichever index leads, it is read from its end, and whoever does not pass is skipped. It is the one of everything
/// only where nothing is asked for that has an index of its own.
#[test]
fn no_page_is_ever_sorted_and_none_walks_through_everything_to_find_what_has_an_index() {
    for chosen in 0..64_u32 {
        let is_chosen = |bit: u32| chosen & (1 << bit) != 0;
        let text = |bit| is_chosen(bit).then(|| "something".to_owned());
        let filter = AuditFilter {
            actor: text(0),
            target: text(1),
            action: is_chosen(2).then_some(Action::Login),
            request_id: text(3),
            outcome: is_chosen(4).then_some(Outcome::Refused),
            since: is_chosen(5).then_some(sample::NOW),
            until: None,
        };
        for continued in [false, true] {
            let plan = plan(&filter, continued);
            assert!(plan.contains("audit_log USING INDEX audit_log_by_"), "{filter:?}: {plan}");
            let has_index = chosen & 0b1_1111 != 0;
            assert_eq!(plan.contains(" audit_log_by_time"), !has_index, "{filter:?}: {plan}");
        }
    }
}

#[test]
fn what_is_forgotten_is_one_range_of_the_index_by_time_and_no_row_is_read_to_find_it() {
    for beyond in [None, Some(AuditPosition { at: sample::NOW, id: sample::audit_id(1) })] {
        let old = OldEntries { now: sample::NOW, kept: Duration::ZERO, beyond, limit: 500 };
        let range = "SEARCH audit_log USING COVERING INDEX audit_log_by_time ((at,id)>(?,?) AND at<?)";
        assert_eq!(explain(&oldest(&old)), [range]);
    }
}
