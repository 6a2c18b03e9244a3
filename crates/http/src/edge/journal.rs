//! What the log tells of requests: a line each, enough to find it by its request, and no more of them than a disk holds.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage as _, HttpRequest};
use doorward_domain::user::UserId;

use crate::error::Code;

/// Most lines a second that tell of refusals. What a flood brings beyond is counted.
const REFUSALS: u32 = 100;

/// Whose good token or password a request has shown.
#[derive(Clone, Copy)]
pub(crate) struct SignedIn(pub(crate) UserId);

impl SignedIn {
    pub(super) fn of(request: &HttpRequest) -> Option<UserId> {
        request.extensions().get::<Self>().map(|signed_in| signed_in.0)
    }
}

/// A request that was answered.
pub(super) struct Entry<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a Method,
    /// The pattern, never the path: that may have an address in it.
    pub(super) route: Option<&'a str>,
    pub(super) status: StatusCode,
    pub(super) failure: Option<(Code, &'a str)>,
    pub(super) user: Option<UserId>,
    pub(super) address: Option<IpAddr>,
    pub(super) elapsed: Duration,
}

/// The lines of a process.
pub(crate) struct Journal {
    begun: Instant,
    requests: Pace,
    refusals: Pace,
}

impl Journal {
    /// With at most so many lines a second that tell of answers; refusals have their own.
    pub(crate) fn new(requests: u32) -> Self {
        Self { begun: Instant::now(), requests: Pace::new(requests), refusals: Pace::new(REFUSALS) }
    }

    /// Tells of a request. What an operator should know at once is told whatever the pace; a refusal for want of room
    /// is no such news.
    pub(super) fn tell(&self, entry: &Entry<'_>) {
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
        }
        match entry.failure {
            Some((Code::Internal, causes)) => line!(error, { error = causes, } "request failed"),
            Some((Code::Unavailable, causes)) => line!(warn, { error = causes, } "store unavailable"),
            Some((code @ Code::TokenReused, _)) => {
                line!(warn, { code = code.name(), } "a spent refresh token came again; its session has ended");
            }
            Some((code, _)) if is_refusal(code) => {
                if let Some(untold) = self.refusals.next(self.begun) {
                    line!(info, { code = code.name(), untold = above_zero(untold), } "refused");
                }
            }
            _ if entry.is_probe() => line!(debug, {} "request"),
            failure => {
                let Some(untold) = self.requests.next(self.begun) else { return line!(debug, {} "request") };
                let code = failure.map(|(code, _)| code.name());
                line!(info, { code, untold = above_zero(untold), } "request");
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
    untold: u64,
}

impl Pace {
    fn new(most: u32) -> Self {
        Self { most, told: Mutex::default() }
    }

    /// Whether there is a line for the next one; then, how many had none before it.
    fn next(&self, begun: Instant) -> Option<u64> {
        let second = begun.elapsed().as_secs();
        self.told.lock().unwrap_or_else(PoisonError::into_inner).next(second, self.most)
    }
}

/// None is not told.
fn above_zero(untold: u64) -> Option<u64> {
    (untold > 0).then_some(untold)
}

impl Told {
    fn next(&mut self, second: u64, most: u32) -> Option<u64> {
        if self.second != second {
            (self.second, self.lines) = (second, 0);
        }
        if self.lines >= most {
            self.untold += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.untold))
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
    use super::*;

    #[test]
    fn log_03_a_flood_gets_so_many_lines_a_second_and_is_counted() {
        let mut told = Told::default();
        for _ in 0..REFUSALS {
            assert_eq!(told.next(7, REFUSALS), Some(0));
        }
        for _ in 0..3 {
            assert_eq!(told.next(7, REFUSALS), None);
        }
        assert_eq!(told.next(8, REFUSALS), Some(3));
        assert_eq!(told.next(8, REFUSALS), Some(0), "told once");
    }

    #[test]
    fn a_pace_of_none_tells_nothing() {
        assert_eq!(Told::default().next(1, 0), None);
    }
}
