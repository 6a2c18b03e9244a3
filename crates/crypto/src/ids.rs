//! Identifiers that nobody can guess.

use doorward_domain::audit::AuditId;
use doorward_domain::port::Ids;
use doorward_domain::token::{SessionId, TokenId};
use doorward_domain::user::UserId;
use uuid::{Builder, Uuid};

use crate::random::random;

/// Chooses UUIDs of version 4 (RFC 9562 §5.4): 122 bits from the operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn user(&self) -> UserId {
        UserId::new(uuid())
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
}

fn uuid() -> Uuid {
    Builder::from_random_bytes(random()).into_uuid()
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
