//! Reading what is written down, and forgetting what is old.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::{AuditError, AuditId, AuditPage, AuditPorts, AuditRequest, AuditTrail};
use doorward_domain::port::{AuditFilter, AuditLog, AuditPosition, MockAuditLog};
use doorward_domain::sessions::Caller;
use doorward_testkit::fake::{ManualClock, Service};
use doorward_testkit::sample;
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
    log.expect_forget().returning(|_, _| Err(out_of_reach()));
    let trail = kept_for_a_day(log);
    let refused = trail.list(&admin(), two(None)).await;
    assert!(matches!(refused, Err(AuditError::Store(_))), "{refused:?}");
    trail.forget_old().await.unwrap_err();
}

#[tokio::test]
async fn what_is_older_than_is_kept_is_forgotten_some_at_a_time() {
    let mut log = MockAuditLog::new();
    let mut counts = [500, 500, 3].into_iter();
    log.expect_forget()
        .with(eq(sample::NOW.minus(DAY)), eq(500))
        .times(3)
        .returning(move |_, _| Ok(counts.next().unwrap()));
    assert_eq!(kept_for_a_day(log).forget_old().await.unwrap(), 1_003);
}

#[tokio::test]
async fn where_the_log_is_kept_for_ever_nothing_is_forgotten() {
    let ports = AuditPorts { log: Arc::new(MockAuditLog::new()), clock: Arc::new(ManualClock::default()) };
    assert_eq!(AuditTrail::new(ports, None).forget_old().await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_kept_as_long_as_it_may_be_is_still_there() {
    let service = Service::default();
    service.store.record(&sample::entry(1)).await.unwrap();
    let ports = AuditPorts { log: service.store.clone(), clock: service.clock.clone() };
    let trail = AuditTrail::new(ports, Some(DAY));
    service.clock.set(sample::NOW.plus(DAY));
    assert_eq!(trail.forget_old().await.unwrap(), 0);
    service.clock.advance(Duration::from_millis(1));
    assert_eq!(trail.forget_old().await.unwrap(), 1);
    assert_eq!(trail.read(two(None)).await.unwrap().entries, []);
}
