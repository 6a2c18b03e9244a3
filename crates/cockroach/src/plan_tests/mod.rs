//! What every step but lists does to the tables, by `PostgreSQL`'s own account: look into an index, never read a table
//! through.

pub(crate) mod crowd;

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_domain::audit::Deed;
use doorward_domain::port::{
    Archive, AuditLog, AuditPosition, AuditQuery, Ending, Epoch, EpochRegistry, KeyFingerprint, KeyRegistry,
    NewPassword, NewSession, OldEntries, PasswordChange, Probe, SessionRepository, UserRepository,
};
use doorward_domain::token::EndReason;
use doorward_domain::user::{HashScheme, PasswordHash, User};
use doorward_testkit::fault_proxy::{Action, FaultProxy, Moment};
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase};
use doorward_testkit::sample;
use tokio_postgres::Client;

use crowd::crowd;

use crate::{CockroachSettings, CockroachStore, ConnectionUrl, Policy};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Read through because all of it is asked for, or because it is one row.
const TINY: [&str; 3] = ["key_fingerprints", "unfinished_transfers", "schema_migration_lock"];

pub(crate) async fn connect(url: &str) -> CockroachStore {
    let url = ConnectionUrl::parse(url, Policy { allow_unverified: true }).unwrap();
    let settings = CockroachSettings { deadline: PATIENCE, ..CockroachSettings::default() };
    CockroachStore::connect(url, settings, PATIENCE).await.unwrap()
}

/// Makes the tables in an empty database.
pub(crate) async fn migrate(url: &str) {
    let store = connect(url).await;
    store.migrate("a test", PATIENCE, |_| {}).await.unwrap();
    store.close();
}

/// A database of its own with nothing in its tables. `None` where there is no server to make one on.
pub(crate) async fn empty_tables() -> Option<TestDatabase> {
    let server = PostgresServer::from_environment()?;
    let options = DatabaseOptions::of_schema(env!("DOORWARD_SCHEMA_KEY"));
    Some(server.database(options, migrate).await)
}

/// A life with everything in it, from the first migration on.
async fn live(store: &CockroachStore, proxy: &FaultProxy) {
    store.migrate("a test", PATIENCE, |_| {}).await.unwrap();
    store.probe().await.unwrap();
    let keys = [KeyFingerprint { name: "pepper".to_owned(), fingerprint: "1".to_owned() }];
    store.register_first(&keys).await.unwrap();
    store.register_first(&keys).await.unwrap();
    store.register(&keys).await.unwrap();
    store.registered().await.unwrap();
    let epoch = Epoch { id: sample::user_id(1).uuid(), witness: None };
    store.begin(None, &epoch).await.unwrap();
    store.begin(Some(epoch.id), &epoch).await.unwrap();
    store.present().await.unwrap();

    let (user, admin) = (sample::user(1), sample::admin(2));
    for user in [&user, &admin] {
        store.insert(user, &[]).await.unwrap();
    }
    store.find_by_address(&user.email).await.unwrap();
    for number in 1..=3 {
        let mut new = sample::login(&user, number, sample::NOW);
        new.max_live = 2;
        store.open(&new).await.unwrap();
    }
    let session = sample::session(&user, 3, sample::NOW);
    store.find_live(session.id, sample::NOW).await.unwrap();
    let spend = sample::successor(1);
    store
        .rotate(session.id, session.refresh_id, spend, sample::NOW, sample::LIMITS, &sample::reuse())
        .await
        .unwrap();
    let change = PasswordChange {
        user_id: user.id,
        seen: user.password.clone(),
        new: PasswordHash::new(HashScheme::Peppered, "new"),
        session_id: session.id,
        successor: sample::successor(2),
        at: sample::NOW,
        entries: Vec::new(),
    };
    store.change_password(&change).await.unwrap();
    store.list_live(user.id, sample::NOW).await.unwrap();
    let deed = sample::deed_of(&session, false, 1);
    let ending = sample::ending(&session, EndReason::Logout, sample::NOW);
    store.end(&Ending { deed, ..ending }).await.unwrap();
    store.list_ended(sample::NOW, None, 2).await.unwrap();
    let hash = PasswordHash::new(HashScheme::Peppered, "newer");
    let new = NewPassword { user_id: user.id, hash, at: sample::NOW, entry: sample::entry(3) };
    for _ in 0..2 {
        store.set_password(&new).await.unwrap();
    }
    // Long after: what expired is cleared out.
    let clearing_out = Moment::statement().containing("DELETE FROM \"sessions\"");
    let clearing_out = proxy.on(clearing_out, Action::delay(Duration::ZERO));
    let (seen, later) = (new.hash, sample::seconds_later(100 * 24 * 60 * 60));
    store.open(&NewSession { seen, ..sample::login(&user, 4, later) }).await.unwrap();
    // Nobody but a test waits for that.
    clearing_out.until_followed(1).await;
    let user = store.find(user.id).await.unwrap().unwrap();
    let moved = User { version: user.version + 1, email: sample::email("new@example.com"), ..user.clone() };
    store.update(&moved, &Deed::default()).await.unwrap();
    store
        .update(&User { version: moved.version + 1, active: false, ..moved }, &Deed::default())
        .await
        .unwrap();
    store.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    store.record(&sample::full_entry(2)).await.unwrap();
    let at = sample::seconds_later(1);
    for after in [None, Some(AuditPosition { at, id: sample::audit_id(2) })] {
        store.list_entries(&AuditQuery { after, limit: 2, ..AuditQuery::default() }).await.unwrap();
    }
    for beyond in [None, Some(AuditPosition { at: sample::NOW, id: sample::audit_id(2) })] {
        let old = OldEntries { now: at, kept: Duration::ZERO, beyond, limit: 2 };
        store.forget(&old).await.unwrap();
    }
    let demoted = store.update(&User { version: 2, active: false, ..admin.clone() }, &Deed::default()).await;
    assert!(demoted.is_err(), "the last admin");
    transfer(store, &admin).await;
}

/// Everything goes to another store, and comes back.
async fn transfer(store: &CockroachStore, admin: &User) {
    store.unfinished_transfer().await.unwrap();
    store.begin_transfer("elsewhere").await.unwrap();
    let user = sample::kucing_cakep();
    let session = sample::session(&user, 5, sample::NOW);
    store.add_users(std::slice::from_ref(&user)).await.unwrap();
    store.add_sessions(std::slice::from_ref(&session)).await.unwrap();
    for after in [None, Some(admin.id)] {
        store.users_after(after, 2).await.unwrap();
    }
    for after in [None, Some(session.id)] {
        store.sessions_after(after, 2).await.unwrap();
    }
    store.add_audit(&[sample::full_entry(5)]).await.unwrap();
    for after in [None, Some(sample::audit_id(5))] {
        store.audit_after(after, 2).await.unwrap();
    }
    store.remove_audit(&[sample::audit_id(5)]).await.unwrap();
    store.remove_sessions(&[session.id]).await.unwrap();
    store.remove_users(&[user.id]).await.unwrap();
    store.finish_transfer().await.unwrap();
}

/// How a statement is carried out with whatever values it has.
async fn plan(client: &Client, statement: &str) -> String {
    let nulls = vec!["NULL"; parameters(statement)].join(", ");
    let values = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    client.batch_execute(&format!("PREPARE it AS {statement}")).await.unwrap();
    let steps = client.simple_query(&format!("EXPLAIN (COSTS off) EXECUTE it{values}")).await.unwrap();
    client.batch_execute("DEALLOCATE it").await.unwrap();
    let steps = steps.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    steps.collect::<Vec<_>>().join("\n")
}

/// How many values a statement is given.
fn parameters(statement: &str) -> usize {
    let numbers = statement.split('$').skip(1).map(|rest| {
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        digits.parse().unwrap_or(0)
    });
    numbers.max().unwrap_or(0)
}

#[tokio::test]
async fn no_step_reads_a_table_through_or_sorts_more_than_one_accounts_sessions() {
    let Some(crowd) = crowd().await else { return };
    let options = DatabaseOptions::of_schema("empty");
    let database = crowd.server().database(options, async |_| {}).await;
    let proxy = FaultProxy::before(database.server().address()).await;
    let store = connect(&database.url_through(proxy.address())).await;
    live(&store, &proxy).await;
    store.close();

    let log = proxy.log();
    let about_rows = |statement: &&str| {
        ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| statement.starts_with(verb))
            && !statement.contains("information_schema")
            && !statement.contains("__diesel_schema_migrations")
    };
    let statements: BTreeSet<&str> = log.texts().into_iter().filter(about_rows).collect();
    assert!(statements.len() > 35, "{statements:#?}");
    let client = crowd.client().await;
    let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";
    client.batch_execute(settings).await.unwrap();
    for statement in statements {
        assert!(!statement.contains('*'), "{statement}");
        let plan = plan(&client, statement).await;
        let read_through = plan.lines().filter(|step| step.contains("Seq Scan on "));
        let large: Vec<&str> =
            read_through.filter(|step| !TINY.iter().any(|table| step.ends_with(table))).collect();
        assert!(large.is_empty(), "{statement}: {plan}");
        // Of one account, or of one moment, in which hardly more than one account's sessions end.
        let few = ["Index Cond: ((user_id = $1)", "Index Cond: (ended_at = $2)"];
        let sorts = plan.contains("Sort Key");
        assert!(!sorts || few.iter().any(|few| plan.contains(few)), "{statement}: {plan}");
    }
}
