//! Identifiers that nobody can guess.

use std::cell::RefCell;

use doorward_domain::audit::AuditId;
use doorward_domain::port::Ids;
use doorward_domain::token::{SessionId, TokenId};
use doorward_domain::user::UserId;
use uuid::{Builder, Uuid};

use crate::random::random;

/// For how many requests each thread draws randomness at a time: it is a system call.
const AHEAD: usize = 32;

/// Chooses UUIDs of version 4 (RFC 9562 §5.4): 122 bits from the operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn user(&self) -> UserId {
        UserId::new(uuid())
    }

    fn neighbours(&self, count: usize) -> Vec<UserId> {
        let place = u128::from_be_bytes(random());
        (0..count as u128)
            .map(|number| UserId::new(neighbour(place, number, u128::from_be_bytes(random()))))
            .collect()
    }

    fn session(&self) -> SessionId {
        SessionId::new(uuid())
    }

    fn token(&self) -> TokenId {
        TokenId::new(uuid())
    }

    fn audit(&self) -> AuditId {
        AuditId::new(uuid())
    }

    fn request(&self) -> Uuid {
        drawn_ahead()
    }
}

/// RFC 9562 §5.8: 48 bits that all neighbours share, then their number in 24, then 50 that are each one's own.
fn neighbour(place: u128, number: u128, own: u128) -> Uuid {
    const OWN: u128 = (1 << 50) - 1;
    let (upper, lower) = (number >> 12 & 0xfff, number & 0xfff);
    let bits = place >> 80 << 80 | 8 << 76 | upper << 64 | 0b10 << 62 | lower << 50 | own & OWN;
    Uuid::from_u128(bits)
}

fn uuid() -> Uuid {
    Builder::from_random_bytes(random()).into_uuid()
}

/// Two copies of a machine that was put to sleep may draw the same ones ahead: what is kept under an identifier has to be
/// drawn when it is needed.
fn drawn_ahead() -> Uuid {
    thread_local! {
        static DRAWN: RefCell<Vec<[u8; 16]>> = const { RefCell::new(Vec::new()) };
    }
    let bits = DRAWN.with_borrow_mut(|drawn| {
        loop {
            if let Some(bits) = drawn.pop() {
                return bits;
            }
            drawn.extend(random::<{ AHEAD * 16 }>().as_chunks().0);
        }
    });
    Builder::from_random_bytes(bits).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::{Variant, Version};

    use super::*;

    #[test]
    fn tok_18_a_hundred_thousand_token_identifiers_are_distinct() {
        let distinct: HashSet<TokenId> = (0..100_000).map(|_| RandomIds.token()).collect();
        assert_eq!(distinct.len(), 100_000);
    }

    #[test]
    fn names_of_requests_are_distinct_on_every_thread() {
        let names = || (0..1_000).map(|_| RandomIds.request()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(names)).collect();
        let distinct: HashSet<Uuid> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(distinct.len(), 4_000);
        assert!(distinct.iter().all(|name| name.get_version() == Some(Version::Random)));
    }

    #[test]
    fn neighbours_stand_one_after_the_other_in_a_place_of_their_own_and_cannot_be_guessed() {
        let (first, second) = (RandomIds.neighbours(5_000), RandomIds.neighbours(2));
        assert!(first.is_sorted() && first.len() == 5_000 && second.is_sorted() && second.len() == 2);
        let place = |id: &UserId| id.uuid().as_u128() >> 80;
        assert!(first.iter().all(|id| place(id) == place(&first[0])));
        assert_ne!(place(&first[0]), place(&second[0]));
        let (mut ever, mut always) = (0, u128::MAX);
        for id in first {
            let uuid = id.uuid();
            assert_eq!((uuid.get_version(), uuid.get_variant()), (Some(Version::Custom), Variant::RFC4122));
            ever |= uuid.as_u128();
            always &= uuid.as_u128();
        }
        let own = (1 << 50) - 1;
        assert_eq!(ever & !always & own, own);
    }

    #[test]
    fn tok_18_every_bit_but_version_and_variant_is_random() {
        let (mut ever, mut always) = (0, u128::MAX);
        for _ in 0..1_000 {
            let uuid = RandomIds.user().uuid();
            assert_eq!((uuid.get_version(), uuid.get_variant()), (Some(Version::Random), Variant::RFC4122));
            ever |= uuid.as_u128();
            always &= uuid.as_u128();
        }
        assert_eq!((ever & !always).count_ones(), 122);
    }
}
