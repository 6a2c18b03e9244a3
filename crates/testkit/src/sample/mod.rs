//! People and sessions to test with. What is built from the same number is the same every time; no address is real
//! (RFC 2606 keeps `example` for this).

mod deeds;
mod people;
pub mod varied;

pub use deeds::{audit_id, deed, deed_of, entry, full_entry, reuse};
pub use people::{budi_penjual, kucing_cakep, sari_lengkap};

use std::net::IpAddr;
use std::time::Duration;

use doorward_domain::audit::Deed;
use doorward_domain::port::{Ending, NewSession, Stamp, Which};
use doorward_domain::sessions::{Caller, SessionRules};
use doorward_domain::token::{Device, EndReason, RotationLimits, Session, SessionId, Successor, TokenId};
use doorward_domain::user::{Email, Password, Role, Text, User, UserId};
use doorward_domain::{Origin, Timestamp};
use uuid::Uuid;

use crate::fake::PlainPasswords;

/// When tests begin: 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// The password of every sample person; the rules accept it.
pub const PASSWORD: &str = "correct horse batt";

/// How long a sample session lives.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A replay window of ten seconds, and no idle limit.
pub const LIMITS: RotationLimits = RotationLimits { replay_window: Duration::from_secs(10), idle: None };

/// [`NOW`] and so many seconds; a negative number is before it.
pub const fn seconds_later(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + seconds)
}

/// An address that is known to be one.
pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A password that can be one.
pub fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

/// A text that is known to be one.
pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

/// A member with nothing but an address, `person<number>@example.com`, and [`PASSWORD`].
pub fn user(number: u32) -> User {
    let address = email(&format!("person{number}@example.com"));
    User::open(user_id(number), address, PlainPasswords::hash_of(PASSWORD), NOW)
}

/// The same person as an admin.
pub fn admin(number: u32) -> User {
    User { role: Role::Admin, ..user(number) }
}

/// A session of `user` that begins at `now`.
pub fn session(user: &User, number: u32, now: Timestamp) -> Session {
    let first = Successor {
        refresh_id: TokenId::new(uuid(0xf125_0000, number)),
        access_id: TokenId::new(uuid(0xf125_acce, number)),
    };
    Session::open(session_id(number), user.id, first, now, LIFETIME, Device::default())
}

/// A request from an address.
pub fn origin(address: Option<IpAddr>) -> Origin {
    Origin { device: Device { address, ..Device::default() }, request_id: None }
}

/// `user` as a request of session 1 is seen, which no store has to know.
pub fn caller(user: &User) -> Caller {
    let session = session(user, 1, NOW);
    let claims = session.access_claims(SessionRules::default().access_lifetime);
    Caller { user: user.clone(), session, claims, origin: Origin::default() }
}

/// A login of `user` at `now` that proved the password the account has, with room for 32 sessions.
pub fn login(user: &User, number: u32, now: Timestamp) -> NewSession {
    NewSession {
        session: session(user, number, now),
        seen: user.password.clone(),
        rehashed: None,
        max_live: 32,
        entries: Vec::new(),
    }
}

/// An end of one session that nobody writes down.
pub fn ending(session: &Session, reason: EndReason, at: Timestamp) -> Ending {
    let which = Which::One(session.id);
    Ending { user: session.user_id, which, reason, at, deed: Deed::default() }
}

/// The identifiers of a next pair.
pub fn successor(number: u32) -> Successor {
    Successor {
        refresh_id: TokenId::new(uuid(0x5ecc_0000, number)),
        access_id: TokenId::new(uuid(0x5ecc_acce, number)),
    }
}

/// A person's identifier; a greater number gives a greater one.
pub fn user_id(number: u32) -> UserId {
    UserId::new(uuid(0x05e2_0000, number))
}

/// A session's identifier.
pub fn session_id(number: u32) -> SessionId {
    SessionId::new(uuid(0x5e55_0000, number))
}

/// A stamp; no two numbers have the same.
pub fn stamp(number: u32) -> Stamp {
    Stamp::new(uuid(0x57a4_0000, number))
}

/// A UUID of version 4 that shows what it is for and its number.
fn uuid(purpose: u32, number: u32) -> Uuid {
    Uuid::from_fields(purpose, 0, 0x4000, &(0x8000_0000_0000_0000 | u64::from(number)).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_distinct_and_of_version_4() {
        let (one, two) = (successor(1), session(&user(1), 1, NOW));
        let identifiers = [
            user_id(1).uuid(),
            user_id(2).uuid(),
            session_id(1).uuid(),
            one.refresh_id.uuid(),
            one.access_id.uuid(),
            two.refresh_id.uuid(),
            two.access_id.uuid(),
        ];
        let distinct: std::collections::HashSet<_> = identifiers.iter().collect();
        assert_eq!(distinct.len(), identifiers.len());
        assert!(identifiers.iter().all(|uuid| uuid.get_version_num() == 4));
        assert!(user_id(1) < user_id(2));
    }
}
