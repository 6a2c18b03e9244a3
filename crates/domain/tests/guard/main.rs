//! How often somebody may try, on fakes.

mod arrivals;
mod changes;
mod lockout;
mod logins;
mod proofs;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Passwords;
use doorward_domain::port::MockPasswordHasher;
use doorward_domain::sessions::{LoginError, SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::{Guard, Limits, TooMany};
use doorward_domain::user::PasswordRules;
use doorward_testkit::fake::{FewCommonPasswords, MapThrottle, PlainPseudonyms, Service};
use doorward_testkit::sample;

const ADA: &str = "ada@example.com";
const BEA: &str = "bea@example.com";
const WRONG: &str = "not the password";

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the owner is, and where somebody else is.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// Another address for every number, and none of them [`HOME`] or [`ELSEWHERE`].
fn strange(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number))
}

/// Ada and Bea have accounts in a service with the limits that a new one has.
async fn service() -> Service {
    service_with(Limits::default()).await
}

async fn service_with(limits: Limits) -> Service {
    let service = Service::default();
    let throttle = Arc::new(MapThrottle::new(service.clock.clone()));
    let service = service.with_guard(Guard::new(throttle, Arc::new(PlainPseudonyms), limits));
    service.member(ADA).await;
    service.member(BEA).await;
    service
}

/// The sessions of the service with this hasher, which has room.
fn hashed_by(service: &Service, mut hasher: MockPasswordHasher) -> Sessions {
    hasher.expect_has_room().return_const(true);
    let passwords = Passwords::new(Arc::new(hasher), Arc::new(FewCommonPasswords), PasswordRules::default());
    Sessions::new(SessionPorts { passwords, ..service.session_ports() }, SessionRules::default())
}

/// What came of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    LoggedIn,
    Wrong,
    TooMany(Duration),
}

impl Outcome {
    fn is_too_many(self) -> bool {
        matches!(self, Self::TooMany(_))
    }
}

async fn attempt(
    sessions: &Sessions,
    from: impl Into<Option<IpAddr>>,
    username: &str,
    password: &str,
) -> Outcome {
    let origin = sample::origin(from.into());
    match sessions.login(username, &sample::password(password), origin).await {
        Ok(_) => Outcome::LoggedIn,
        Err(LoginError::InvalidCredentials) => Outcome::Wrong,
        Err(LoginError::TooMany(TooMany { retry_after })) => Outcome::TooMany(retry_after),
        Err(other) => unreachable!("{other}"),
    }
}

/// Somebody tries a wrong password.
async fn guess(service: &Service, from: impl Into<Option<IpAddr>>, username: &str) -> Outcome {
    attempt(&service.sessions, from, username, WRONG).await
}

/// Somebody tries the right one.
async fn know(service: &Service, from: impl Into<Option<IpAddr>>, username: &str) -> Outcome {
    attempt(&service.sessions, from, username, sample::PASSWORD).await
}

/// How many of so many wrong passwords are compared.
async fn guesses(service: &Service, from: IpAddr, username: &str, tries: usize) -> usize {
    let mut compared = 0;
    for _ in 0..tries {
        compared += usize::from(guess(service, from, username).await == Outcome::Wrong);
    }
    compared
}

/// Strangers, each on a network of their own, guess once each; answers how many of the passwords are compared.
async fn strangers(service: &Service, username: &str, tries: u32) -> usize {
    let mut compared = 0;
    for number in 0..tries {
        compared += guesses(service, strange(number), username, 1).await;
    }
    compared
}
