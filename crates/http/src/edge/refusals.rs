//! What the log tells of somebody who was refused: enough to find it by its request, and no more of it than a disk holds.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use doorward_domain::user::UserId;

use crate::error::Code;

/// Most lines in a second. What a flood brings beyond is counted.
const LINES: u32 = 100;

/// Whose good token a request has shown.
#[derive(Clone, Copy)]
pub(crate) struct SignedIn(pub(crate) UserId);

impl SignedIn {
    pub(super) fn of(request: &HttpRequest) -> Option<UserId> {
        request.extensions().get::<Self>().map(|signed_in| signed_in.0)
    }
}

/// The refusals of a process.
pub(crate) struct Refusals {
    begun: Instant,
    told: Mutex<Told>,
}

/// What was told in the present second, and what was not told since the last line.
#[derive(Default)]
struct Told {
    second: u64,
    lines: u32,
    untold: u64,
}

impl Refusals {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), told: Mutex::default() }
    }

    /// Tells of one, and how many went untold before it.
    pub(super) fn tell(&self, code: Code, request_id: &str, route: Option<&str>, user: Option<UserId>) {
        let second = self.begun.elapsed().as_secs();
        let Some(untold) = self.told.lock().unwrap_or_else(PoisonError::into_inner).next(second) else {
            return;
        };
        let (user, untold) = (user.map(tracing::field::display), (untold > 0).then_some(untold));
        tracing::info!(request_id, route, code = code.name(), user, untold, "refused");
    }
}

impl Told {
    /// Whether the next one gets a line in this second; then, how many got none before it.
    fn next(&mut self, second: u64) -> Option<u64> {
        if self.second != second {
            (self.second, self.lines) = (second, 0);
        }
        if self.lines == LINES {
            self.untold += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.untold))
    }
}

/// Whether this is about what somebody may do, rather than about what they said.
pub(super) const fn is_refusal(code: Code) -> bool {
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
    fn log_03_a_flood_of_refusals_gets_so_many_lines_a_second_and_is_counted() {
        let mut told = Told::default();
        for _ in 0..LINES {
            assert_eq!(told.next(7), Some(0));
        }
        for _ in 0..3 {
            assert_eq!(told.next(7), None);
        }
        assert_eq!(told.next(8), Some(3));
        assert_eq!(told.next(8), Some(0), "told once");
    }
}
