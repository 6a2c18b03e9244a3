//! Identifiers that come in a row.

use std::sync::atomic::{AtomicU64, Ordering};

use doorward_domain::audit::AuditId;
use doorward_domain::port::Ids;
use doorward_domain::token::{SessionId, TokenId};
use doorward_domain::user::UserId;
use uuid::Uuid;

/// The bits that make a UUID one of version 4; the number stands in the rest.
const VERSION_4: u128 = 0x0000_0000_0000_4000_8000_0000_0000_0000;

/// Counts: the first identifier ends in 1, the next in 2, and no two are alike, whatever they are for.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl CountingIds {
    fn next(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128(VERSION_4 | u128::from(number))
    }
}

impl Ids for CountingIds {
    fn user(&self) -> UserId {
        UserId::new(self.next())
    }

    fn neighbours(&self, count: usize) -> Vec<UserId> {
        (0..count).map(|_| self.user()).collect()
    }

    fn session(&self) -> SessionId {
        SessionId::new(self.next())
    }

    fn token(&self) -> TokenId {
        TokenId::new(self.next())
    }

    fn audit(&self) -> AuditId {
        AuditId::new(self.next())
    }

    fn request(&self) -> Uuid {
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_count_up_and_are_version_4() {
        let ids = CountingIds::default();
        assert_eq!(ids.user().to_string(), "00000000-0000-4000-8000-000000000001");
        assert_eq!(ids.token().to_string(), "00000000-0000-4000-8000-000000000002");
        assert_eq!(ids.session().uuid().get_version_num(), 4);
    }
}
