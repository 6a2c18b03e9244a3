//! Changes of an account by its owner: each is written down, and what is written down stays.

use std::time::Duration;

use doorward_domain::accounts::UpdateError;
use doorward_domain::audit::AuditRequest;
use doorward_domain::port::AuditFilter;
use doorward_domain::sessions::Caller;
use doorward_domain::throttle::Limits;
use doorward_domain::user::{Change, ProfileChange, User, UserChanges};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{ADA, BEA, MINUTE, service, service_with};

const TENTH: Duration = Duration::from_millis(100);

async fn caller(service: &Service, address: &str) -> Caller {
    service.caller(&service.login(address).await).await
}

/// Another city for somebody; a change for every number.
async fn moves(
    service: &Service,
    caller: &Caller,
    address: &str,
    number: usize,
) -> Result<User, UpdateError> {
    let city = Change::Set(sample::text(&format!("city {number}")));
    let profile = Change::Set(ProfileChange { city, ..ProfileChange::default() });
    let changes = UserChanges { profile, ..UserChanges::default() };
    service.accounts.update(caller, &sample::email(address), changes, None).await
}

/// How many of so many changes of the own account are made.
async fn made(service: &Service, caller: &Caller, tries: usize) -> usize {
    let mut made = 0;
    for number in 0..tries {
        match moves(service, caller, caller.user.username.as_str(), number).await {
            Ok(_) => made += 1,
            Err(UpdateError::TooOften(_)) => {}
            Err(other) => unreachable!("{other}"),
        }
    }
    made
}

#[tokio::test]
async fn dos_07_changes_of_an_account_by_its_owner_are_stopped_at_six_hundred() {
    let service = service().await;
    let ada = caller(&service, ADA).await;
    assert_eq!(made(&service, &ada, 700).await, 600);
    let refused = moves(&service, &ada, ADA, 1_000).await;
    assert!(
        matches!(refused, Err(UpdateError::TooOften(too_many)) if too_many.retry_after == TENTH),
        "{refused:?}"
    );
    let bea = caller(&service, BEA).await;
    moves(&service, &bea, BEA, 1).await.unwrap();
    service.clock.advance(TENTH);
    moves(&service, &ada, ADA, 1_001).await.unwrap();
}

#[tokio::test]
async fn dos_07_ten_thousand_changes_at_the_rate_of_a_minute_are_all_until_the_day_brings_more() {
    let service = service().await;
    let owner = caller(&service, ADA).await.user.id;
    let guard = service.account_ports().guard;
    let mut passed = 0;
    for _ in 0..30 {
        for _ in 0..600 {
            passed += usize::from(guard.change(owner).await.is_ok());
        }
        service.clock.advance(MINUTE);
    }
    // In half an hour the day brings some two hundred.
    assert!((10_000..10_250).contains(&passed), "{passed}");
}

#[tokio::test]
async fn dos_07_what_is_refused_is_neither_made_nor_written_down() {
    let service = service_with(Limits { changes: Limits::default().changes, ..Limits::none() }).await;
    let ada = caller(&service, ADA).await;
    made(&service, &ada, 700).await;
    let filter = AuditFilter { target: Some(ADA.to_owned()), ..AuditFilter::default() };
    let log = service.audit.read(AuditRequest { filter, after: None, limit: 10_000 }).await.unwrap();
    // Beside the changes, the account was opened and somebody logged in.
    assert_eq!(log.entries.len(), 602);
    let user = service.accounts.view(&ada.user, &ada.user.username).await.unwrap();
    assert_eq!(user.version, ada.user.version + 600);
}

#[tokio::test]
async fn every_session_of_an_account_is_counted_together() {
    let service = service().await;
    let (here, there) = (caller(&service, ADA).await, caller(&service, ADA).await);
    assert_eq!(made(&service, &here, 400).await, 400);
    assert_eq!(made(&service, &there, 400).await, 200);
}

#[tokio::test]
async fn admins_change_others_as_often_as_they_like_and_use_up_nothing_of_theirs() {
    let service = service().await;
    service.admin("root@example.com").await;
    let (root, ada) = (caller(&service, "root@example.com").await, caller(&service, ADA).await);
    for number in 0..700 {
        moves(&service, &root, ADA, number).await.unwrap();
    }
    assert_eq!(made(&service, &ada, 700).await, 600);
    moves(&service, &root, ADA, 1_000).await.unwrap();
    assert_eq!(made(&service, &root, 700).await, 600, "their own account is an account");
}
