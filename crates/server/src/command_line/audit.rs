//! `doorward audit`: the audit log, an entry a line.

use std::io;
use std::time::SystemTime;

use clap::Args;
use doorward_crypto::SystemClock;
use doorward_domain::Timestamp;
use doorward_domain::audit::{Action, AuditPage, AuditRequest, Outcome};
use doorward_domain::port::{AuditFilter, Clock as _, StoreError};
use doorward_domain::user::Email;

use super::terminal;
use crate::settings::Settings;
use crate::store::{Opening, Store, StoreUnusable};
use crate::wiring;

/// How many entries are read at a time: memory does not grow with the log.
const PAGE: usize = 500;

/// Which entries. All that is given must hold.
#[derive(Args)]
pub(super) struct AuditArguments {
    /// Done by this username
    #[arg(long, value_name = "USERNAME", value_parser = normal)]
    actor: Option<String>,
    /// Done to this username
    #[arg(long, value_name = "USERNAME", value_parser = normal)]
    target: Option<String>,
    /// This was done, such as user.delete
    #[arg(long, value_parser = action)]
    action: Option<Action>,
    /// This came of it: done or refused
    #[arg(long, value_parser = outcome)]
    outcome: Option<Outcome>,
    /// In the request of this `X-Request-Id`
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// At this time or later: RFC 3339, or how long ago (`90m`, `7days`)
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Most entries
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

/// Why the log was not told.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuditFailed {
    /// There is no store to read from.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// It failed half-way.
    #[error("the audit log cannot be read")]
    Read(#[from] StoreError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl AuditFailed {
    /// Whether trying later may help.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Read(error) => matches!(error, StoreError::Unavailable(_)),
            Self::Output(_) => false,
        }
    }
}

/// Writes the entries to standard output, the newest first, a JSON object a line (NDJSON), as the API shows them. The
/// service may be running.
pub(super) async fn tell(settings: &Settings, arguments: AuditArguments) -> Result<(), AuditFailed> {
    let store = Store::open_in_settings(settings, Opening::as_it_is(settings)).await?;
    let told = walk(&store, settings, arguments).await;
    store.close();
    told
}

async fn walk(store: &Store, settings: &Settings, arguments: AuditArguments) -> Result<(), AuditFailed> {
    let AuditArguments { actor, target, action, outcome, request, since, until, limit } = arguments;
    let filter = AuditFilter { actor, target, action, outcome, request_id: request, since, until };
    let trail = wiring::audit_trail(store, settings);
    let (mut after, mut left) = (None, limit.unwrap_or(usize::MAX));
    while left > 0 {
        let request = AuditRequest { filter: filter.clone(), after, limit: left.min(PAGE) };
        let AuditPage { entries, next } = trail.read(request).await?;
        let mut lines = String::new();
        for entry in &entries {
            lines.push_str(&doorward_http::audit_entry_as_json(entry));
            lines.push('\n');
        }
        terminal::say(&lines)?;
        left -= entries.len();
        let Some(next) = next else { break };
        after = Some(next);
    }
    Ok(())
}

fn normal(text: &str) -> Result<String, String> {
    Email::parse(text).map(|name| name.normal().to_owned()).map_err(|error| error.to_string())
}

fn action(text: &str) -> Result<Action, String> {
    let names = || Action::ALL.map(Action::as_str).join(", ");
    Action::named(text).ok_or_else(|| format!("must be one of {}", names()))
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::named(text).ok_or_else(|| "must be done or refused".to_owned())
}

fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(SystemClock.now().minus(ago));
    }
    let at = humantime::parse_rfc3339_weak(text)
        .map_err(|_| "must be a time such as 2026-01-31T12:00:00Z, or how long ago, such as 90m")?;
    let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| "must not be before 1970")?;
    Ok(Timestamp::default().plus(since_1970))
}
