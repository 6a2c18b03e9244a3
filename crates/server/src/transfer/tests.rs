//! Transfers between two files: whole ones, interrupted ones, and those of a source that does not keep still.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::audit::{AuditId, Deed};
use doorward_domain::port::{
    AuditLog as _, DeleteUserError, KeyFingerprint, OldEntries, SessionRepository as _, UpdateUserError,
    UserRepository as _,
};
use doorward_domain::token::{EndReason, SessionId};
use doorward_domain::user::UserId;
use doorward_sqlite::{SqliteSettings, SqliteStore};
use doorward_testkit::sample;
use tempfile::TempDir;

use super::*;

const SOURCE: &str = "sqlite:///source.db";
const TARGET: &str = "sqlite:///target.db";

/// Follows a transfer and stops it when it was asked so often.
struct Stopping {
    asked: Cell<usize>,
    stop_at: usize,
    steps: Cell<Vec<(Step, u64)>>,
}

impl Stopping {
    fn at(stop_at: usize) -> Self {
        Self { asked: Cell::new(0), stop_at, steps: Cell::default() }
    }

    fn never() -> Self {
        Self::at(usize::MAX)
    }
}

impl Observer for Stopping {
    fn advanced(&self, step: Step, rows: u64, part: f64) {
        assert!((0.0..=1.0).contains(&part));
        let mut steps = self.steps.take();
        steps.retain(|(known, _)| *known != step);
        steps.push((step, rows));
        self.steps.set(steps);
    }

    fn wants_to_stop(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.asked.get() > self.stop_at
    }
}

/// Two stores in files.
struct Files {
    source: SqliteStore,
    target: SqliteStore,
    _directory: TempDir,
}

/// Puts these into a store, as a finished transfer would.
async fn put(store: &SqliteStore, users: &[User], sessions: &[Session]) -> Result<(), StoreError> {
    store.begin_transfer("a test").await?;
    store.add_users(users).await?;
    store.add_sessions(sessions).await?;
    store.finish_transfer().await
}

impl Files {
    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let open = |name| SqliteStore::open(&directory.path().join(name), SqliteSettings::default()).unwrap();
        Self { source: open("source.db"), target: open("target.db"), _directory: directory }
    }

    /// With people whose documents are full, and with sessions that live and sessions that have ended.
    async fn with_people() -> Self {
        let files = Self::empty();
        let people = [sample::kucing_cakep(), budi(), sample::admin(1), sample::user(2)];
        let mut sessions: Vec<Session> =
            (0..8).zip(people.iter().cycle()).map(|(number, user)| session(user, number)).collect();
        for session in sessions.iter_mut().step_by(3) {
            session.end(sample::seconds_later(5), EndReason::Logout);
        }
        put(&files.source, &people, &sessions).await.unwrap();
        for number in 1..=5 {
            files.source.record(&sample::full_entry(number)).await.unwrap();
        }
        files.source.register(&[key("pepper", "p"), key("token_key/a", "a")]).await.unwrap();
        files
    }

    async fn transfer(&self, observer: &dyn Observer) -> Result<Content, TransferError> {
        self.transfer_from(&self.source, observer).await
    }

    async fn transfer_from(
        &self,
        source: &dyn Archive,
        observer: &dyn Observer,
    ) -> Result<Content, TransferError> {
        let source = End { name: SOURCE, archive: source, keys: &self.source };
        let target = End { name: TARGET, archive: &self.target, keys: &self.target };
        Transfer { source, target, observer }.carry_out().await
    }

    /// Both have the same, and the target may be served from.
    async fn are_alike(&self) {
        for end in [None, self.target.unfinished_transfer().await.unwrap()] {
            assert_eq!(end, None);
        }
        let everything = async |store: &SqliteStore| {
            (
                store.users_after(None, 10_000).await.unwrap(),
                store.sessions_after(None, 10_000).await.unwrap(),
                store.audit_after(None, 10_000).await.unwrap(),
                store.registered().await.unwrap(),
            )
        };
        assert!(everything(&self.source).await == everything(&self.target).await);
    }

    /// What the target says of itself.
    async fn unfinished(&self) -> Option<String> {
        self.target.unfinished_transfer().await.unwrap()
    }
}

/// Reached at another address than the one that was registered.
fn budi() -> User {
    User { email: sample::email("second@example.com"), ..sample::budi_penjual() }
}

fn session(user: &User, number: u32) -> Session {
    sample::session(user, number, sample::NOW)
}

fn key(name: &str, fingerprint: &str) -> KeyFingerprint {
    KeyFingerprint { name: name.to_owned(), fingerprint: fingerprint.to_owned() }
}

#[tokio::test]
async fn everything_is_taken_along() {
    let files = Files::with_people().await;
    let content = files.transfer(&Stopping::never()).await.unwrap();
    assert_eq!((content.accounts.rows, content.sessions.rows, content.audit.rows), (4, 8, 5));
    assert_eq!(content.accounts.to_string().len(), 64);
    files.are_alike().await;
}

#[tokio::test]
async fn many_rows_are_taken_along_batch_by_batch() {
    let files = Files::empty();
    let people: Vec<User> = (0..1_203).map(sample::user).collect();
    let sessions: Vec<Session> =
        (0..1_500).zip(people.iter().cycle()).map(|(n, user)| session(user, n)).collect();
    put(&files.source, &people, &sessions).await.unwrap();
    let entries: Vec<AuditEntry> = (0..1_001).map(sample::full_entry).collect();
    files.source.begin_transfer("a test").await.unwrap();
    files.source.add_audit(&entries).await.unwrap();
    files.source.finish_transfer().await.unwrap();
    let observer = Stopping::never();
    files.transfer(&observer).await.unwrap();
    files.are_alike().await;
    let rows = [(Kind::Account, 1_203), (Kind::Session, 1_500), (Kind::AuditEntry, 1_001)];
    let passes = rows.map(|(kind, rows)| (Pass::Add, kind, rows));
    let verified = rows.map(|(kind, rows)| (Pass::Verify, kind, rows));
    let told: Vec<_> = observer
        .steps
        .take()
        .into_iter()
        .map(|(step, rows)| (step.pass, step.kind, rows))
        .filter(|(.., rows)| *rows > 0)
        .collect();
    assert_eq!(told, [passes, verified].concat());
}

#[tokio::test]
async fn nothing_is_taken_along_from_an_empty_store() {
    let files = Files::empty();
    files.target.register(&[key("pepper", "of nobody")]).await.unwrap();
    let content = files.transfer(&Stopping::never()).await.unwrap();
    assert_eq!((content.accounts.rows, content.sessions.rows, content.audit.rows), (0, 0, 0));
    files.are_alike().await;
}

#[tokio::test]
async fn wherever_it_is_stopped_the_next_run_finishes_it() {
    for stop_at in 0.. {
        let files = Files::with_people().await;
        match files.transfer(&Stopping::at(stop_at)).await {
            Err(TransferError::Stopped) => {}
            outcome => {
                assert!(outcome.is_ok() && stop_at > 8, "{outcome:?}");
                return;
            }
        }
        assert_eq!(files.unfinished().await.as_deref(), Some(SOURCE));
        files.transfer(&Stopping::never()).await.unwrap();
        files.are_alike().await;
    }
}

#[tokio::test]
async fn what_changed_in_the_source_between_two_runs_is_taken_along() {
    let files = Files::with_people().await;
    // Stopped when everything is there, just before both are compared.
    let stopped = async || {
        for stop_at in (0..30).rev() {
            if matches!(files.transfer(&Stopping::at(stop_at)).await, Err(TransferError::Stopped)) {
                return;
            }
            assert_eq!(files.unfinished().await, None);
            files.target.begin_transfer(SOURCE).await.unwrap();
        }
    };
    stopped().await;

    let [kucing, budi, user] = [sample::kucing_cakep(), budi(), sample::user(2)];
    // One goes; one gets the address of another, who gets another; one logs out; somebody comes.
    files.source.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    let renamed = User { email: sample::email("new@example.com"), version: budi.version + 1, ..budi.clone() };
    update(&files.source, &renamed).await.unwrap();
    let takes = User { email: budi.email.clone(), version: kucing.version + 1, ..kucing.clone() };
    update(&files.source, &takes).await.unwrap();
    files
        .source
        .end(&sample::ending(&session(&budi, 1), EndReason::Logout, sample::seconds_later(9)))
        .await
        .unwrap();
    let newcomer = sample::user(900);
    put(&files.source, std::slice::from_ref(&newcomer), &[session(&newcomer, 900)]).await.unwrap();
    // One entry is written down, and one is forgotten.
    files.source.record(&sample::entry(900)).await.unwrap();
    let old = OldEntries { now: sample::seconds_later(1), kept: Duration::ZERO, beyond: None, limit: 1 };
    assert_eq!(files.source.forget(&old).await.unwrap().len(), 1);

    files.transfer(&Stopping::never()).await.unwrap();
    files.are_alike().await;
}

async fn update(store: &SqliteStore, user: &User) -> Result<(), UpdateUserError> {
    store.update(user, &Deed::default()).await
}

#[tokio::test]
async fn an_address_in_another_spelling_is_another_row() {
    let files = Files::with_people().await;
    let user = sample::user(2);
    let shouted = sample::email(&user.username.as_str().to_uppercase());
    let shouting = User { username: shouted.clone(), email: shouted, ..user };
    assert_eq!(shouting.username, sample::user(2).username, "they are the same address");
    files.target.begin_transfer(SOURCE).await.unwrap();
    files.target.add_users(&[shouting]).await.unwrap();
    files.transfer(&Stopping::never()).await.unwrap();
    let there = files.target.find(sample::user_id(2)).await.unwrap().unwrap();
    assert_eq!(there.username.as_str(), sample::user(2).username.as_str());
}

#[tokio::test]
async fn a_target_with_accounts_is_left_alone() {
    let files = Files::with_people().await;
    let somebody = sample::user(7);
    put(&files.target, std::slice::from_ref(&somebody), &[]).await.unwrap();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::TargetUsed { .. }), "{refused}");
    assert_eq!(files.target.users_after(None, 10).await.unwrap(), [somebody]);
    assert_eq!(files.unfinished().await, None);
}

#[tokio::test]
async fn a_target_with_an_audit_log_is_left_alone() {
    let files = Files::with_people().await;
    files.target.record(&sample::entry(7)).await.unwrap();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::TargetUsed { .. }), "{refused}");
    assert_eq!(files.target.audit_after(None, 10).await.unwrap(), [sample::entry(7)]);
    assert_eq!(files.unfinished().await, None);
}

#[tokio::test]
async fn an_entry_that_is_another_one_in_the_source_is_replaced() {
    let files = Files::with_people().await;
    files.target.begin_transfer(SOURCE).await.unwrap();
    files.target.add_audit(&[sample::entry(2), sample::entry(900)]).await.unwrap();
    files.transfer(&Stopping::never()).await.unwrap();
    files.are_alike().await;
}

#[tokio::test]
async fn a_finished_transfer_is_not_done_again() {
    let files = Files::with_people().await;
    files.transfer(&Stopping::never()).await.unwrap();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::TargetUsed { .. }), "{refused}");
}

#[tokio::test]
async fn a_target_with_a_part_of_something_else_is_left_alone() {
    let files = Files::with_people().await;
    files.target.begin_transfer("sqlite:///elsewhere.db").await.unwrap();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(
        matches!(&refused, TransferError::TargetUnfinished { from, .. } if from.contains("elsewhere")),
        "{refused}"
    );
    assert!(files.target.users_after(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_source_with_a_part_of_something_else_is_no_source() {
    let files = Files::with_people().await;
    files.source.begin_transfer("sqlite:///elsewhere.db").await.unwrap();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::SourceUnfinished { .. }), "{refused}");
    assert_eq!(files.unfinished().await, None);
}

/// A source that somebody uses: an account comes when accounts are read for the so-manyth time.
struct InUse {
    store: SqliteStore,
    reads: AtomicUsize,
    comes_at: usize,
}

#[async_trait]
impl Archive for InUse {
    async fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.comes_at {
            let newcomer = sample::user(900);
            put(&self.store, std::slice::from_ref(&newcomer), &[session(&newcomer, 900)]).await?;
        }
        self.store.users_after(after, limit).await
    }

    async fn sessions_after(
        &self,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        self.store.sessions_after(after, limit).await
    }

    async fn audit_after(&self, after: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.store.audit_after(after, limit).await
    }

    async fn add_audit(&self, _: &[AuditEntry]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn remove_audit(&self, _: &[AuditId]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn add_users(&self, _: &[User]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn add_sessions(&self, _: &[Session]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn remove_users(&self, _: &[UserId]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn remove_sessions(&self, _: &[SessionId]) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn unfinished_transfer(&self) -> Result<Option<String>, StoreError> {
        self.store.unfinished_transfer().await
    }

    async fn begin_transfer(&self, _: &str) -> Result<(), StoreError> {
        panic!("a source is only read")
    }

    async fn finish_transfer(&self) -> Result<(), StoreError> {
        panic!("a source is only read")
    }
}

#[tokio::test]
async fn a_source_that_changes_meanwhile_is_noticed_whenever_it_does() {
    for comes_at in 0..4 {
        let files = Files::with_people().await;
        let source = InUse { store: files.source.clone(), reads: AtomicUsize::new(0), comes_at };
        match files.transfer_from(&source, &Stopping::never()).await {
            // It came before accounts were added.
            Ok(_) => assert_eq!(comes_at, 0),
            // Accounts had been added, and then there was a session of nobody; or it was seen at the end.
            Err(TransferError::Target { error, .. }) => {
                assert!(matches!(error, StoreError::Broken(_)), "{error}");
                assert!(files.unfinished().await.is_some());
            }
            Err(TransferError::Different { source_content, target_content }) => {
                assert_ne!(source_content, target_content);
                assert!(files.unfinished().await.is_some());
            }
            Err(error) => panic!("{error}"),
        }
        if files.unfinished().await.is_some() {
            files.transfer(&Stopping::never()).await.unwrap();
        }
        files.are_alike().await;
    }
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_told_apart_from_a_target() {
    let files = Files::with_people().await;
    files.source.close();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::Source { .. }) && refused.is_temporary(), "{refused}");

    let files = Files::with_people().await;
    files.target.close();
    let refused = files.transfer(&Stopping::never()).await.unwrap_err();
    assert!(matches!(refused, TransferError::Target { .. }) && refused.is_temporary(), "{refused}");
}

#[tokio::test]
async fn a_removed_account_does_not_come_back() {
    let files = Files::with_people().await;
    files.target.begin_transfer(SOURCE).await.unwrap();
    let gone = sample::user(5);
    files.target.add_users(std::slice::from_ref(&gone)).await.unwrap();
    files.target.add_sessions(&[session(&gone, 5)]).await.unwrap();
    files.transfer(&Stopping::never()).await.unwrap();
    files.are_alike().await;
    let removed = files.target.delete_with_sessions(gone.id, &Deed::default()).await;
    assert!(matches!(removed, Err(DeleteUserError::NotFound)), "{removed:?}");
}
