//! What is written down of what people do, on fakes; and that nobody does what they may no longer do.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod accounts;
mod ends;
mod logins;
mod lost;
mod passwords;
mod trail;

use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::port::{AuditFilter, AuditLog, AuditQuery, StoreError};
use doorward_domain::sessions::Caller;
use doorward_domain::token::Device;
use doorward_domain::user::User;
use doorward_domain::{Origin, Timestamp};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

const ADA: &str = "ada@example.com";
const BEA: &str = "bea@example.com";
const ROOT: &str = "root@example.com";
const REQUEST: &str = "0123456789abcdef";
const WRONG: &str = "not the password";
const NEW: &str = "another horse batt";

/// Where the requests come from that the tests look at. What is there before them comes from nowhere.
fn origin() -> Origin {
    let device =
        Device { user_agent: Some("Mozilla/5.0".to_owned()), address: Some("192.0.2.7".parse().unwrap()) };
    Origin { device, request_id: Some(REQUEST.to_owned()) }
}

/// Somebody with an account here, as a request of theirs is seen.
async fn calling(service: &Service, user: &User) -> Caller {
    Caller { origin: origin(), ..service.signed_in(user).await }
}

/// An admin and a member, and a minute has passed since they came.
async fn root_and_ada(service: &Service) -> (Caller, Caller) {
    let root = calling(service, &service.admin(ROOT).await).await;
    let ada = calling(service, &service.member(ADA).await).await;
    service.clock.set(later());
    (root, ada)
}

/// When that is.
fn later() -> Timestamp {
    sample::seconds_later(60)
}

/// What is expected of somebody who is not known.
fn entry(action: Action) -> AuditEntry {
    AuditEntry::new(sample::audit_id(0), later(), action, &origin())
}

/// What is expected of somebody who is logged in.
fn by(caller: &Caller, action: Action) -> AuditEntry {
    entry(action).by(&caller.user).in_session(caller.session.id)
}

/// What has been written down of those requests, in its order.
async fn written(service: &Service) -> Vec<AuditEntry> {
    let filter = AuditFilter { request_id: Some(REQUEST.to_owned()), ..AuditFilter::default() };
    let query = AuditQuery { filter, after: None, limit: 1_000 };
    let mut entries = service.store.list_entries(&query).await.unwrap();
    entries.reverse();
    entries.into_iter().map(|entry| AuditEntry { id: sample::audit_id(0), ..entry }).collect()
}

async fn assert_written(service: &Service, expected: &[AuditEntry]) {
    assert_eq!(written(service).await, expected);
}

fn out_of_reach() -> StoreError {
    StoreError::Unavailable("the network is down".into())
}
