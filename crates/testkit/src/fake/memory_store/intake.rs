//! Many accounts at once, in memory.

use async_trait::async_trait;
use doorward_domain::port::{Inserted, NewUsers, StoreError, UserIntake};
use doorward_domain::user::User;

use super::{MemoryStore, Tables};

#[async_trait]
impl UserIntake for MemoryStore {
    async fn insert_many(&self, new: NewUsers) -> Result<Vec<Inserted>, StoreError> {
        let NewUsers { users, entries, is_rehearsal } = new;
        let mut tables = self.0.lock();
        let before = is_rehearsal.then(|| tables.users.clone());
        let outcomes: Vec<Inserted> = users.into_iter().map(|user| tables.take_in(user)).collect();
        let added = outcomes.iter().filter(|outcome| **outcome == Inserted::Added).count();
        match before {
            Some(before) => tables.users = before,
            None if added > 0 => tables.record(&NewUsers::entries_with(&entries, added)),
            None => {}
        }
        Ok(outcomes)
    }
}

impl Tables {
    fn take_in(&mut self, user: User) -> Inserted {
        if let Some(there) = self.users.values().find(|there| there.username == user.username) {
            return Inserted::Exists(there.id);
        }
        if self.users.values().any(|there| there.answers_to(&user.username) || there.answers_to(&user.email))
        {
            return Inserted::AddressTaken;
        }
        if self.users.contains_key(&user.id) {
            return Inserted::IdTaken;
        }
        self.users.insert(user.id, user);
        Inserted::Added
    }
}
