//! `doorward audit`: the audit log, an entry a line.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::SystemTime;

use clap::Args;
use doorward_crypto::SystemClock;
use doorward_domain::Timestamp;
use doorward_domain::audit::{Action, AuditPage, AuditRequest, AuditTrail, Outcome};
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
    #[arg(long, visible_alias = "request", value_name = "ID")]
    request_id: Option<String>,
    /// At this time or later: RFC 3339, or how long ago (`90m`, `7days`)
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Most entries
    #[arg(long, value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
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
    /// An entry has no form as JSON.
    #[error("an entry of the audit log cannot be shown")]
    Entry(#[from] serde_json::Error),
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
            Self::Entry(_) | Self::Output(_) => false,
        }
    }
}

/// Writes the entries to standard output, the newest first, a JSON object a line (NDJSON), as the API shows them. The
/// service may be running.
pub(super) async fn tell(settings: &Settings, arguments: AuditArguments) -> Result<(), AuditFailed> {
    let store = Store::open_in_settings(settings, Opening::as_it_is(settings)).await?;
    let told = walk(&wiring::audit_trail(&store, settings), arguments, &mut io::stdout()).await;
    store.close();
    told
}

/// Writes the entries to `out`, for as long as somebody reads it: `doorward audit | head` does not read the whole log.
async fn walk(
    trail: &AuditTrail,
    arguments: AuditArguments,
    out: &mut impl Write,
) -> Result<(), AuditFailed> {
    let AuditArguments { actor, target, action, outcome, request_id, since, until, limit } = arguments;
    let filter = AuditFilter { actor, target, action, outcome, request_id, since, until };
    let (mut after, mut left) = (None, limit.map_or(usize::MAX, NonZeroUsize::get));
    while left > 0 {
        let request = AuditRequest { filter: filter.clone(), after, limit: left.min(PAGE) };
        let AuditPage { entries, next } = trail.read(request).await?;
        let mut lines = String::new();
        for entry in &entries {
            lines.push_str(&doorward_http::audit_entry_as_json(entry)?);
            lines.push('\n');
        }
        if terminal::say_on(out, &lines)?.is_break() {
            break;
        }
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

#[cfg(test)]
mod tests {
    use doorward_domain::port::AuditLog as _;
    use doorward_testkit::fake::Service;
    use doorward_testkit::sample;

    use super::*;

    /// A log of two pages and one entry.
    async fn long_log() -> Service {
        let service = Service::default();
        for number in 0..=1_000 {
            service.store.record(&sample::entry(number)).await.unwrap();
        }
        service
    }

    fn everything() -> AuditArguments {
        AuditArguments {
            actor: None,
            target: None,
            action: None,
            outcome: None,
            request_id: None,
            since: None,
            until: None,
            limit: None,
        }
    }

    /// The read end is closed before the first byte.
    #[derive(Default)]
    struct Closed {
        tries: usize,
    }

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.tries += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn all_pages_are_told_an_entry_a_line_while_somebody_reads() {
        let mut out = Vec::new();
        walk(&long_log().await.audit, everything(), &mut out).await.unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said.lines().count(), 1_001);
        let ends_well = |line: &str| line.starts_with('{') && line.ends_with('}');
        assert!(said.ends_with('\n') && said.lines().all(ends_well));
    }

    #[tokio::test]
    async fn nothing_more_is_read_when_nobody_listens_and_that_is_no_failure() {
        let mut out = Closed::default();
        walk(&long_log().await.audit, everything(), &mut out).await.unwrap();
        assert_eq!(out.tries, 1, "more pages were told to nobody");
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_a_failure() {
        let failed = walk(&long_log().await.audit, everything(), &mut Full).await;
        assert!(matches!(failed, Err(AuditFailed::Output(_))), "{failed:?}");
    }
}
