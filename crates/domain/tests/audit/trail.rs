//! Reading what is written down, and forgetting what is old.

use std::cell::Cell;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::{
    AuditEntry, AuditError, AuditId, AuditPage, AuditPorts, AuditRequest, AuditTrail,
};
use doorward_domain::port::{AuditFilter, AuditLog, AuditPosition, MockAuditLog, OldEntries};
use doorward_domain::sessions::Caller;
use doorward_testkit::fake::{ManualClock, Service};
use doorward_testkit::sample;
use mockall::Sequence;
use mockall::predicate::eq;

use crate::{out_of_reach, root_and_ada};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything, two at a time.
fn two(after: Option<AuditPosition>) -> AuditRequest {
    AuditRequest { filter: AuditFilter::default(), after, limit: 2 }
}

fn ids(page: &AuditPage) -> Vec<AuditId> {
    page.entries.iter().map(|entry| entry.id).collect()
}

fn admin() -> Caller {
    sample::caller(&sample::admin(1))
}

/// A log that is kept for a day.
fn kept_for_a_day(log: MockAuditLog) -> AuditTrail {
    let ports = AuditPorts { log: Arc::new(log), clock: Arc::new(ManualClock::default()) };
    AuditTrail::new(ports, Some(DAY))
}

fn no_pause() -> Ready<()> {
    ready(())
}

#[tokio::test]
async fn admins_read_the_log_and_members_do_not() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    // Two accounts were opened, and two sessions.
    let whole = AuditRequest { limit: 10, ..two(None) };
    assert_eq!(service.audit.list(&root, whole.clone()).await.unwrap().entries.len(), 4);
    let refused = service.audit.list(&ada, whole).await;
    assert!(matches!(refused, Err(AuditError::Forbidden)), "{refused:?}");
    // A mock that expects nothing fails the test when it is called.
    let refused = kept_for_a_day(MockAuditLog::new()).list(&ada, two(None)).await;
    assert!(matches!(refused, Err(AuditError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn pages_follow_one_another_to_the_end() {
    let service = Service::default();
    for number in 1..=4 {
        service.store.record(&sample::entry(number)).await.unwrap();
    }
    let first = service.audit.list(&admin(), two(None)).await.unwrap();
    assert_eq!(ids(&first), [4, 3].map(sample::audit_id));
    assert_eq!(first.next, Some(AuditPosition { at: sample::NOW, id: sample::audit_id(3) }));
    let second = service.audit.list(&admin(), two(first.next)).await.unwrap();
    assert_eq!((ids(&second), second.next), ([2, 1].map(sample::audit_id).to_vec(), None));
    let beyond = AuditPosition { at: sample::NOW, id: sample::audit_id(1) };
    let none = service.audit.list(&admin(), two(Some(beyond))).await.unwrap();
    assert_eq!(none, AuditPage { entries: Vec::new(), next: None });
}

#[tokio::test]
async fn the_operator_reads_what_an_admin_reads() {
    let service = Service::default();
    service.store.record(&sample::full_entry(1)).await.unwrap();
    let read = service.audit.read(two(None)).await.unwrap();
    assert_eq!(read, service.audit.list(&admin(), two(None)).await.unwrap());
    assert_eq!(read.entries, [sample::full_entry(1)]);
}

#[tokio::test]
async fn a_page_is_of_what_is_asked_for() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let target = Some(ada.user.username.normal().to_owned());
    let filter = AuditFilter { target, ..AuditFilter::default() };
    let page = service.audit.list(&root, AuditRequest { filter, ..two(None) }).await.unwrap();
    assert!(page.entries.iter().all(|entry| entry.target == Some((&ada.user).into())), "{page:?}");
    assert_eq!((page.entries.len(), page.next), (2, None));
}

#[tokio::test]
async fn a_log_out_of_reach_is_told() {
    let mut log = MockAuditLog::new();
    log.expect_list_entries().returning(|_| Err(out_of_reach()));
    let trail = kept_for_a_day(log);
    let refused = trail.list(&admin(), two(None)).await;
    assert!(matches!(refused, Err(AuditError::Store(_))), "{refused:?}");
    trail.forget_old(no_pause).await.unwrap_err();
    let mut log = MockAuditLog::new();
    log.expect_list_entries().returning(|_| Ok(vec![sample::entry(1)]));
    log.expect_forget().returning(|_| Err(out_of_reach()));
    kept_for_a_day(log).forget_old(no_pause).await.unwrap_err();
}

/// Each begins behind the one before.
#[tokio::test]
async fn what_is_older_than_is_kept_is_forgotten_some_at_a_time_with_a_pause_between() {
    let forgotten = |number| AuditPosition { at: sample::NOW.minus(2 * DAY), id: sample::audit_id(number) };
    let mut log = MockAuditLog::new();
    log.expect_list_entries().times(1).returning(|_| Ok(vec![sample::entry(1_000)]));
    let steps = [(None, 1..101), (Some(forgotten(100)), 101..201), (Some(forgotten(200)), 201..204)];
    let mut order = Sequence::new();
    for (beyond, numbers) in steps {
        let old = OldEntries { now: sample::NOW, kept: DAY, beyond, limit: 100 };
        log.expect_forget()
            .with(eq(old))
            .times(1)
            .in_sequence(&mut order)
            .returning(move |_| Ok(numbers.clone().map(forgotten).collect()));
    }
    let pauses = Cell::new(0);
    let pause = || {
        pauses.set(pauses.get() + 1);
        ready(())
    };
    assert_eq!(kept_for_a_day(log).forget_old(pause).await.unwrap(), 203);
    assert_eq!(pauses.get(), 2);
}

#[tokio::test]
async fn where_the_log_is_kept_for_ever_nothing_is_forgotten() {
    let ports = AuditPorts { log: Arc::new(MockAuditLog::new()), clock: Arc::new(ManualClock::default()) };
    assert_eq!(AuditTrail::new(ports, None).forget_old(no_pause).await.unwrap(), 0);
}

/// A log that is kept for a day, with entries so long after the first one.
async fn entries_of(service: &Service, times: &[Duration]) -> AuditTrail {
    for (number, after) in (1..).zip(times) {
        let entry = AuditEntry { at: sample::NOW.plus(*after), ..sample::entry(number) };
        service.store.record(&entry).await.unwrap();
    }
    let ports = AuditPorts { log: service.store.clone(), clock: service.clock.clone() };
    AuditTrail::new(ports, Some(DAY))
}

#[tokio::test]
async fn what_is_kept_as_long_as_it_may_be_is_still_there() {
    let service = Service::default();
    let trail = entries_of(&service, &[Duration::ZERO, 2 * DAY]).await;
    service.clock.set(sample::NOW.plus(DAY));
    assert_eq!(trail.forget_old(no_pause).await.unwrap(), 0);
    service.clock.advance(Duration::from_millis(1));
    assert_eq!(trail.forget_old(no_pause).await.unwrap(), 1);
    assert_eq!(ids(&trail.read(two(None)).await.unwrap()), [sample::audit_id(2)]);
}

#[tokio::test]
async fn a_clock_that_is_far_ahead_does_not_erase_the_log() {
    let service = Service::default();
    let trail = entries_of(&service, &[Duration::ZERO, DAY, DAY + Duration::from_millis(1)]).await;
    service.clock.set(sample::NOW.plus(1_000 * DAY));
    assert_eq!(trail.forget_old(no_pause).await.unwrap(), 1);
    assert_eq!(ids(&trail.read(two(None)).await.unwrap()), [3, 2].map(sample::audit_id));
}

#[tokio::test]
async fn of_an_empty_log_nothing_is_forgotten() {
    let service = Service::default();
    assert_eq!(entries_of(&service, &[]).await.forget_old(no_pause).await.unwrap(), 0);
}
