//! The names of all keys, and the way back from a name to what it is about.
//!
//! The two databases of the one server keep revocations and documents apart. A cluster has one database, so there the
//! number of the database that a key would be in stands before its name.

use std::str::from_utf8;

use doorward_domain::throttle::ThrottleKey;
use doorward_domain::token::SessionId;
use doorward_domain::user::UserId;
use uuid::Uuid;

const COMPLETE: &str = "revocations:complete";
const USER: &str = "user";
const LIVE: &str = "live";

/// Names keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keyspace {
    /// Before what is said of tokens, and before throttles.
    revocations: &'static str,
    /// Before what is said of accounts.
    documents: &'static str,
}

/// What a key is about, as far as anybody who remembers answers about tokens wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// Whether everything that was revoked is there.
    Complete,
    /// A token or a session that was revoked.
    Token(Uuid),
    /// The stamp of an account.
    User(Uuid),
    /// A session that was confirmed.
    Live(Uuid),
}

impl Keyspace {
    /// For a server whose databases keep the keys apart.
    pub(crate) const fn of_databases() -> Self {
        Self { revocations: "", documents: "" }
    }

    /// For a cluster.
    pub(crate) const fn of_cluster() -> Self {
        Self { revocations: "d0:", documents: "d1:" }
    }

    /// Is there when a token or a session was revoked.
    pub(crate) fn token(self, id: Uuid) -> String {
        [self.revocations, text(id, &mut Uuid::encode_buffer())].concat()
    }

    /// Has the epoch in which everything that was revoked is there.
    pub(crate) fn complete(self) -> String {
        format!("{}{COMPLETE}", self.revocations)
    }

    /// Is there while somebody fills in what was lost.
    pub(crate) fn refill(self) -> String {
        format!("{}revocations:refill", self.revocations)
    }

    /// Is written to see whether anything can be.
    pub(crate) fn probe(self) -> String {
        format!("{}revocations:probe", self.revocations)
    }

    /// Is never there: to remove it shows whether the server is still a primary.
    pub(crate) fn fence(self) -> String {
        format!("{}revocations:fence", self.revocations)
    }

    /// Has the present stamp of an account.
    pub(crate) fn user(self, id: UserId, epoch: Uuid) -> String {
        self.in_epoch(USER, id.uuid(), epoch)
    }

    /// Has the stamp under which a session was confirmed.
    pub(crate) fn live(self, id: SessionId, epoch: Uuid) -> String {
        self.in_epoch(LIVE, id.uuid(), epoch)
    }

    /// Names of these are made for every request, so they are put together without the machinery of `format!`.
    fn in_epoch(self, kind: &str, id: Uuid, epoch: Uuid) -> String {
        let (mut one, mut other) = (Uuid::encode_buffer(), Uuid::encode_buffer());
        [self.revocations, kind, ":", text(id, &mut one), ":", text(epoch, &mut other)].concat()
    }

    /// Has the document of the account whose address has this normal form.
    pub(crate) fn document(self, address: &str) -> String {
        format!("{}{address}", self.documents)
    }

    /// Has the address under which the document of an account is kept.
    pub(crate) fn address(self, id: UserId) -> String {
        format!("{}address:{}", self.documents, id.uuid())
    }

    /// Has the state of one rate of a throttle. In a cluster all that belongs to one throttle is on one server, so
    /// that a script can use it together.
    pub(crate) fn throttle(self, key: &ThrottleKey, index: usize) -> String {
        format!("{}throttle:{}:{index}", self.revocations, tag(key))
    }

    /// Is there while somebody is vouched for.
    pub(crate) fn known(self, key: &ThrottleKey) -> String {
        format!("{}known:{}", self.revocations, tag(key))
    }

    /// What a key is about; `None` where it is about something else.
    pub(crate) fn read(self, key: &[u8]) -> Option<KeyName> {
        let name = from_utf8(key).ok()?.strip_prefix(self.revocations)?;
        if name == COMPLETE {
            return Some(KeyName::Complete);
        }
        let mut parts = name.split(':');
        match (parts.next()?, parts.next(), parts.next(), parts.next()) {
            (token, None, None, None) => Some(KeyName::Token(token.parse().ok()?)),
            (USER, Some(id), Some(_), None) => Some(KeyName::User(id.parse().ok()?)),
            (LIVE, Some(id), Some(_), None) => Some(KeyName::Live(id.parse().ok()?)),
            _ => None,
        }
    }
}

/// What decides in a cluster where a key is (the "hash tag").
fn tag(key: &ThrottleKey) -> String {
    format!("{{{}:{}}}", key.scope.as_str(), key.subject)
}

fn text(id: Uuid, buffer: &mut [u8; 45]) -> &str {
    id.hyphenated().encode_lower(buffer)
}

#[cfg(test)]
mod tests {
    use doorward_domain::throttle::{Pseudonym, Scope};

    use super::*;

    const ID: Uuid = Uuid::from_u128(0x1111_1111_2222_3333_4444_5555_5555_5555);
    const EPOCH: Uuid = Uuid::from_u128(9);
    const ID_TEXT: &str = "11111111-2222-3333-4444-555555555555";
    const EPOCH_TEXT: &str = "00000000-0000-0000-0000-000000000009";

    fn names(keyspace: Keyspace) -> Vec<String> {
        let throttle = ThrottleKey { scope: Scope::LoginGuess, subject: Pseudonym::new([0xab; 16]) };
        vec![
            keyspace.token(ID),
            keyspace.complete(),
            keyspace.user(UserId::new(ID), EPOCH),
            keyspace.live(SessionId::new(ID), EPOCH),
            keyspace.throttle(&throttle, 1),
            keyspace.known(&throttle),
            keyspace.document("ada@example.com"),
            keyspace.address(UserId::new(ID)),
        ]
    }

    fn expected() -> Vec<String> {
        let subject = "ab".repeat(16);
        vec![
            ID_TEXT.to_owned(),
            "revocations:complete".to_owned(),
            format!("user:{ID_TEXT}:{EPOCH_TEXT}"),
            format!("live:{ID_TEXT}:{EPOCH_TEXT}"),
            format!("throttle:{{login_guess:{subject}}}:1"),
            format!("known:{{login_guess:{subject}}}"),
            "ada@example.com".to_owned(),
            format!("address:{ID_TEXT}"),
        ]
    }

    #[test]
    fn keys_are_named_as_the_seed_names_them() {
        assert_eq!(names(Keyspace::of_databases()), expected());
    }

    #[test]
    fn f36_in_a_cluster_the_number_of_the_database_stands_before_every_name() {
        let (first, second) = (["d0:"; 6], ["d1:"; 2]);
        let prefixes = first.into_iter().chain(second);
        let expected: Vec<_> =
            prefixes.zip(expected()).map(|(prefix, name)| format!("{prefix}{name}")).collect();
        assert_eq!(names(Keyspace::of_cluster()), expected);
    }

    #[test]
    fn a_name_leads_back_to_what_it_is_about() {
        for keyspace in [Keyspace::of_databases(), Keyspace::of_cluster()] {
            let read: Vec<_> = names(keyspace).iter().map(|name| keyspace.read(name.as_bytes())).collect();
            let about =
                [KeyName::Token(ID), KeyName::Complete, KeyName::User(ID), KeyName::Live(ID)].map(Some);
            assert_eq!(read, [&about[..], &[None; 4]].concat());
        }
    }

    #[test]
    fn f35_what_is_not_ours_is_about_nothing() {
        let cluster = Keyspace::of_cluster();
        for key in [ID_TEXT, "d1:revocations:complete", "d0:user:x:y", "d0:live", "d0:", ""] {
            assert_eq!(cluster.read(key.as_bytes()), None, "{key}");
        }
        assert_eq!(Keyspace::of_databases().read(b"\xff"), None);
        assert_eq!(Keyspace::of_databases().read(format!("user:{ID_TEXT}").as_bytes()), None);
    }
}
