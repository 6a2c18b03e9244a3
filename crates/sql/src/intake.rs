//! What becomes of each of many accounts that are to be added together, by what is there already.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use doorward_domain::port::Inserted;
use doorward_domain::user::{Email, User, UserId};

use crate::columns::Id;

/// What a store has of the addresses and identifiers of those who come.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Whose account an address belongs to, and the username of that account, all in normal form.
    pub addresses: HashMap<String, (Id, String)>,
    /// Identifiers that are somebody's.
    pub ids: HashSet<Id>,
}

/// What becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Of each, in their order; of those who are added as well.
    pub outcomes: Vec<Inserted>,
    /// The places of those who are added, by identifier: so neighbours in an index come one after the other.
    pub added: Vec<usize>,
}

impl Plan {
    /// Of two that want the same the earlier one gets it.
    pub fn of(users: &[User], known: &Known) -> Self {
        let mut claimed: HashMap<&str, &User> = HashMap::with_capacity(users.len());
        let mut ids = HashSet::with_capacity(users.len());
        let (mut outcomes, mut added) = (Vec::with_capacity(users.len()), Vec::with_capacity(users.len()));
        for (place, user) in users.iter().enumerate() {
            let owner = |address: &Email| -> Option<(UserId, &str)> {
                let there = known.addresses.get(address.normal());
                let there = there.map(|(id, username)| (UserId::from(*id), username.as_str()));
                there.or_else(|| claimed.get(address.normal()).map(|user| (user.id, user.username.normal())))
            };
            let outcome = match (owner(&user.username), owner(&user.email)) {
                (Some((id, username)), _) if username == user.username.normal() => Inserted::Exists(id),
                (Some(_), _) | (_, Some(_)) => Inserted::AddressTaken,
                _ if known.ids.contains(&Id::from(user.id)) || !ids.insert(user.id) => Inserted::IdTaken,
                _ => Inserted::Added,
            };
            outcomes.push(outcome);
            if outcome == Inserted::Added {
                claimed.insert(user.username.normal(), user);
                claimed.insert(user.email.normal(), user);
                added.push(place);
            }
        }
        added.sort_unstable_by_key(|place| users.get(*place).map(|user| user.id));
        Self { outcomes, added }
    }
}

/// Whether those who come next are likely to be there already, as they are where a file was taken in before. Where they
/// are not, they are added without a look.
#[derive(Debug, Default)]
pub struct Expectation(AtomicBool);

impl Expectation {
    /// Whether somebody is likely to be there.
    pub fn is_somebody_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Expects of the next what became of these.
    pub fn learn(&self, outcomes: &[Inserted]) {
        self.0.store(outcomes.iter().any(|outcome| *outcome != Inserted::Added), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::Timestamp;
    use doorward_domain::user::{HashScheme, PasswordHash};
    use uuid::Uuid;

    use super::*;

    fn user(id: u128, username: &str, email: &str) -> User {
        let parsed = |text: &str| Email::parse(&format!("{text}@example.com")).unwrap();
        let hash = PasswordHash::new(HashScheme::Imported, "hash");
        let id = UserId::new(Uuid::from_u128(id));
        User { email: parsed(email), ..User::open(id, parsed(username), hash, Timestamp::default()) }
    }

    fn id(id: u128) -> UserId {
        UserId::new(Uuid::from_u128(id))
    }

    #[test]
    fn the_earlier_one_gets_what_two_want_unless_it_is_refused_itself() {
        let known = Known {
            addresses: HashMap::from([(
                "taken@example.com".to_owned(),
                (id(99).into(), "x@example.com".to_owned()),
            )]),
            ids: HashSet::from([id(50).into()]),
        };
        let users = [
            user(9, "a", "taken"),
            user(8, "b", "a"),
            user(7, "a", "c"),
            user(6, "b", "d"),
            user(5, "taken", "e"),
            user(50, "f", "f"),
            user(8, "g", "g"),
            user(4, "h", "h"),
        ];
        let Plan { outcomes, added } = Plan::of(&users, &known);
        assert_eq!(
            outcomes,
            [
                Inserted::AddressTaken,
                Inserted::Added,
                Inserted::AddressTaken,
                Inserted::Exists(id(8)),
                Inserted::AddressTaken,
                Inserted::IdTaken,
                Inserted::IdTaken,
                Inserted::Added,
            ]
        );
        assert_eq!(added, [7, 1]);
    }

    #[test]
    fn somebody_who_is_there_under_the_username_exists() {
        let known = Known {
            addresses: HashMap::from([(
                "a@example.com".to_owned(),
                (id(99).into(), "a@example.com".to_owned()),
            )]),
            ids: HashSet::new(),
        };
        let Plan { outcomes, added } = Plan::of(&[user(1, "A", "z")], &known);
        assert_eq!((outcomes, added), (vec![Inserted::Exists(id(99))], vec![]));
    }
}
