//! What the log tells of requests: a line each, enough to find it by its request, and no more of them than a disk holds.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::{Method, StatusCode};
use doorward_domain::user::UserId;

use crate::error::Code;

/// Most lines a second that tell of refusals, of failures, and of answers for want of a store or of room, of each as
/// many. What a flood or an outage brings beyond is counted.
const MOST: u32 = 100;

/// What came of a request that failed, for whoever is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// This was answered.
    Answered(Code),
    /// Nobody was there any more to be answered.
    ClientGone,
}

impl Outcome {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Answered(code) => code.name(),
            Self::ClientGone => "client_closed_request",
        }
    }

    /// The status that is told of, where it is not the one of the answer. 499 is what proxies call it.
    pub(super) fn status_told(self) -> Option<StatusCode> {
        (self == Self::ClientGone).then(|| StatusCode::from_u16(499).ok()).flatten()
    }
}

/// A request that was answered.
pub(super) struct Entry<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a Method,
    /// The pattern, never the path: that may have an address in it.
    pub(super) route: Option<&'a str>,
    pub(super) status: StatusCode,
    pub(super) failure: Option<(Outcome, &'a str)>,
    pub(super) user: Option<UserId>,
    pub(super) address: Option<IpAddr>,
    pub(super) elapsed: Duration,
}

/// The lines of a process.
pub(crate) struct Journal {
    begun: Instant,
    requests: Pace,
    refusals: Pace,
    failures: Pace,
    outages: Pace,
}

impl Journal {
    /// With at most so many lines a second that tell of answers; refusals and failures have their own.
    pub(crate) fn new(requests: u32) -> Self {
        let [refusals, failures, outages] = [MOST; 3].map(Pace::new);
        Self { begun: Instant::now(), requests: Pace::new(requests), refusals, failures, outages }
    }

    /// Tells of a request. An outage makes every request a failure, so that failures have a pace too.
    pub(super) fn tell(&self, entry: &Entry<'_>) {
        self.tell_at(self.begun.elapsed().as_secs(), entry);
    }

    fn tell_at(&self, second: u64, entry: &Entry<'_>) {
        macro_rules! line {
            ($level:ident, { $($more:tt)* } $message:literal) => {
                tracing::$level!(
                    request_id = entry.request_id,
                    method = %entry.method,
                    route = entry.route,
                    status = entry.status.as_u16(),
                    elapsed_us = u64::try_from(entry.elapsed.as_micros()).unwrap_or(u64::MAX),
                    user = entry.user.map(tracing::field::display),
                    address = entry.address.map(tracing::field::display),
                    $($more)*
                    $message
                )
            };
            ($level:ident, $pace:ident, { $($more:tt)* } $message:literal) => {
                if let Some(suppressed) = self.$pace.next(second) {
                    line!($level, { $($more)* suppressed = above_zero(suppressed), } $message);
                }
            };
        }
        let code = entry.failure.map(|(outcome, _)| outcome.name());
        match entry.failure {
            Some((Outcome::Answered(Code::Internal), causes)) => {
                line!(error, failures, { code, error = causes, } "request failed");
            }
            Some((Outcome::Answered(Code::Unavailable), causes)) => {
                line!(warn, outages, { code, error = causes, } "store unavailable");
            }
            Some((Outcome::Answered(Code::Overloaded), _)) => line!(info, outages, { code, } "no room"),
            Some((Outcome::Answered(Code::TokenReused), _)) => {
                line!(warn, { code, } "a spent refresh token came again; its session has ended");
            }
            Some((Outcome::Answered(refusal), _)) if is_refusal(refusal) => {
                line!(info, refusals, { code, } "refused");
            }
            _ if entry.is_probe() => line!(debug, {} "request"),
            _ => {
                let Some(suppressed) = self.requests.next(second) else {
                    if tracing::enabled!(tracing::Level::DEBUG) {
                        self.requests.is_told_anyway();
                        line!(debug, { code, } "request");
                    }
                    return;
                };
                line!(info, { code, suppressed = above_zero(suppressed), } "request");
            }
        }
    }
}

impl Entry<'_> {
    /// Whether somebody asks every few seconds how the service is.
    fn is_probe(&self) -> bool {
        matches!(self.route, Some("/healthz" | "/readyz")) && self.status.is_success()
    }
}

/// So many lines a second.
struct Pace {
    most: u32,
    told: Mutex<Told>,
}

/// What was told in the present second, and what was not told since the last line.
#[derive(Default)]
struct Told {
    second: u64,
    lines: u32,
    suppressed: u64,
}

impl Pace {
    fn new(most: u32) -> Self {
        Self { most, told: Mutex::default() }
    }

    /// Whether there is a line for the next one; then, how many had none before it.
    fn next(&self, second: u64) -> Option<u64> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).next(second, self.most)
    }

    /// The one that was refused a line has one nevertheless, of a lower level.
    fn is_told_anyway(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.suppressed = told.suppressed.saturating_sub(1);
    }
}

/// None is not told.
fn above_zero(suppressed: u64) -> Option<u64> {
    (suppressed > 0).then_some(suppressed)
}

impl Told {
    fn next(&mut self, second: u64, most: u32) -> Option<u64> {
        if self.second != second {
            (self.second, self.lines) = (second, 0);
        }
        if self.lines >= most {
            self.suppressed += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.suppressed))
    }
}

/// Whether this is about what somebody may do, rather than about what they said.
const fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidCredentials
            | Code::Forbidden
            | Code::AccountDisabled
            | Code::WrongPassword
            | Code::RegistrationClosed
            | Code::RateLimited
            | Code::TooManyAttempts
    )
}

#[cfg(test)]
mod tests {
    use doorward_testkit::told::{Fields, Lines};

    use super::*;

    #[test]
    fn log_03_a_flood_gets_so_many_lines_a_second_and_is_counted() {
        let mut told = Told::default();
        for _ in 0..MOST {
            assert_eq!(told.next(7, MOST), Some(0));
        }
        for _ in 0..3 {
            assert_eq!(told.next(7, MOST), None);
        }
        assert_eq!(told.next(8, MOST), Some(3));
        assert_eq!(told.next(8, MOST), Some(0), "told once");
    }

    /// So many requests in one second that came to this, and one in the next.
    fn told_of(outcome: Option<Outcome>, status: u16, requests: u32, level: &str) -> Vec<Fields> {
        let lines = Lines::default();
        let journal = Journal::new(requests);
        let entry = Entry {
            request_id: "a",
            method: &Method::GET,
            route: Some("/api/user/me"),
            status: StatusCode::from_u16(status).unwrap(),
            failure: outcome.map(|outcome| (outcome, "why")),
            user: None,
            address: None,
            elapsed: Duration::from_millis(1),
        };
        tracing::subscriber::with_default(lines.clone(), || {
            for _ in 0..MOST + 3 {
                journal.tell_at(7, &entry);
            }
            journal.tell_at(8, &entry);
        });
        lines.with("level", level)
    }

    #[test]
    fn log_03_an_outage_does_not_fill_the_disk() {
        for (code, level, message) in [
            (Code::Internal, "ERROR", "request failed"),
            (Code::Unavailable, "WARN", "store unavailable"),
            (Code::Overloaded, "INFO", "no room"),
            (Code::Forbidden, "INFO", "refused"),
        ] {
            // Whatever the pace of the others.
            let told = told_of(Some(Outcome::Answered(code)), code.status().as_u16(), 0, level);
            assert_eq!(told.len(), usize::try_from(MOST).unwrap() + 1, "{code:?}");
            let last = told.last().unwrap();
            assert_eq!((&*last["message"], &*last["code"]), (message, code.name()));
            assert_eq!(last["suppressed"], "3");
        }
    }

    #[test]
    fn at_debug_everything_is_told_with_its_code_and_nothing_is_counted_as_suppressed() {
        let gone = Some(Outcome::ClientGone);
        let (told, beyond) = (told_of(gone, 499, 1, "INFO"), told_of(gone, 499, 1, "DEBUG"));
        assert_eq!((told.len(), beyond.len()), (2, usize::try_from(MOST).unwrap() + 2));
        assert!(told.iter().chain(&beyond).all(|line| line["code"] == "client_closed_request"), "{told:?}");
        assert!(!told[1].contains_key("suppressed"), "{told:?}");
    }

    #[test]
    fn a_pace_of_none_tells_nothing() {
        assert_eq!(Told::default().next(1, 0), None);
    }
}
