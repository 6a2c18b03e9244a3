//! Taking in accounts of another system, many at a time: for the operator's command line.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use uuid::Uuid;

use crate::audit::{Action, AuditEntry};
use crate::port::{Clock, HasherError, Ids, Inserted, NewUsers, StoreError, UserIntake};
use crate::user::{Email, HashScheme, Password, PasswordHash, PasswordWeakness, User, UserChanges, UserId};
use crate::{Origin, Passwords, Timestamp};

/// The ports that taking accounts in needs.
pub struct ImportPorts {
    /// Where accounts are kept.
    pub users: Arc<dyn UserIntake>,
    /// How passwords are accepted and hashed.
    pub passwords: Passwords,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
}

/// Takes in accounts.
pub struct AccountImport {
    users: Arc<dyn UserIntake>,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    run: Uuid,
}

/// An account as another system had it.
#[derive(Clone, Debug)]
pub struct ImportedAccount {
    /// Its identifier, if it is to keep that.
    pub id: Option<UserId>,
    /// Becomes the username, and the address unless the fields name another.
    pub address: Email,
    /// What proves the password.
    pub credential: Credential,
    /// Every other field, role and state included.
    pub fields: UserChanges,
    /// When it was opened; now, unless that is known.
    pub created_at: Option<Timestamp>,
    /// When its fields were last changed; now, unless that is known.
    pub updated_at: Option<Timestamp>,
    /// When somebody last logged in to it.
    pub last_login: Option<Timestamp>,
}

/// What proves the password of an account that is taken in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// The password itself. It is held against the rules and hashed, which takes its time.
    Password(Password),
    /// What another system, or this one, has made of it.
    Hash(PasswordHash),
}

/// Accounts that are taken in together.
#[derive(Clone, Debug)]
pub struct ImportBatch {
    /// The accounts.
    pub accounts: Vec<ImportedAccount>,
    /// Where they come from, for the audit log: which lines.
    pub origin: String,
    /// Nothing is changed, and no password is hashed.
    pub is_rehearsal: bool,
}

/// A batch with everything done that needs no store: rules held against, passwords hashed.
#[derive(Debug)]
pub struct PreparedBatch {
    /// Of each account, why it goes no further; the others are in `new`.
    refused: Vec<Option<Imported>>,
    new: NewUsers,
}

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It was opened under this identifier.
    Created(UserId),
    /// It would have been opened.
    WouldCreate,
    /// There is an account of this username, which was not changed.
    Exists(UserId),
    /// One of its addresses belongs to somebody else.
    AddressTaken,
    /// The identifier it was to keep belongs to somebody else.
    IdTaken,
    /// The rules refuse its password.
    Weak(PasswordWeakness),
    /// Nothing could be compared with its hash.
    UnreadableHash,
}

/// Why nothing became of a batch.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Hashing failed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Hashing<'a> = Pin<Box<dyn Future<Output = Result<PasswordHash, HasherError>> + Send + 'a>>;

impl AccountImport {
    /// Begins a run, which the audit log names by an identifier of its own.
    pub fn new(ports: ImportPorts) -> Self {
        let ImportPorts { users, passwords, clock, ids } = ports;
        let run = ids.audit().uuid();
        Self { users, passwords, clock, ids, run }
    }

    /// Which run it is.
    pub fn run(&self) -> Uuid {
        self.run
    }

    /// Prepares a batch and inserts it.
    pub async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, ImportError> {
        self.insert(self.prepare(batch).await?).await
    }

    /// Holds passwords against the rules and hashes them. Batches may be prepared beside one another.
    pub async fn prepare(&self, batch: ImportBatch) -> Result<PreparedBatch, ImportError> {
        let ImportBatch { accounts, origin, is_rehearsal } = batch;
        let now = self.clock.now();
        let mut ids = self.ids.neighbours(accounts.len()).into_iter();
        let (mut refused, mut users, mut passwords) = (Vec::new(), Vec::new(), Vec::new());
        for account in accounts {
            let email = account.fields.email.as_ref().unwrap_or(&account.address);
            let why_not = match &account.credential {
                Credential::Password(password) => {
                    let checked = self.passwords.check(password, &[&account.address, email]);
                    checked.err().map(Imported::Weak)
                }
                Credential::Hash(hash) => {
                    (!self.passwords.can_read(hash)).then_some(Imported::UnreadableHash)
                }
            };
            refused.push(why_not);
            if why_not.is_some() {
                continue;
            }
            if let (Credential::Password(password), false) = (&account.credential, is_rehearsal) {
                passwords.push((users.len(), password.clone()));
            }
            let id = account.id.or_else(|| ids.next()).unwrap_or_else(|| self.ids.user());
            users.push(opened(id, account, now));
        }
        for (place, hash) in self.hashes(passwords).await? {
            if let Some(user) = users.get_mut(place) {
                let user: &mut User = user;
                user.password = hash;
            }
        }
        let entries = vec![self.entry(now, origin)];
        Ok(PreparedBatch { refused, new: NewUsers { users, entries, is_rehearsal } })
    }

    /// Opens what may be opened of a batch, in one step, and answers of each account what became of it, in their order.
    ///
    /// Who is there already is not changed: the file may be older than what its owner has changed since. So the same
    /// batch may come again and again. Of two that want one address the batch that is inserted first has it.
    pub async fn insert(
        &self,
        PreparedBatch { refused, new }: PreparedBatch,
    ) -> Result<Vec<Imported>, ImportError> {
        let is_rehearsal = new.is_rehearsal;
        let ids: Vec<UserId> = new.users.iter().map(|user| user.id).collect();
        let inserted = self.users.insert_many(new).await?;
        let mut inserted = ids.into_iter().zip(inserted).map(|(id, inserted)| match inserted {
            Inserted::Added if is_rehearsal => Imported::WouldCreate,
            Inserted::Added => Imported::Created(id),
            Inserted::Exists(id) => Imported::Exists(id),
            Inserted::AddressTaken => Imported::AddressTaken,
            Inserted::IdTaken => Imported::IdTaken,
        });
        let told: Option<Vec<Imported>> =
            refused.into_iter().map(|refused| refused.or_else(|| inserted.next())).collect();
        let untold = || StoreError::Broken("it was not said what became of each account".into());
        Ok(told.ok_or_else(untold)?)
    }

    fn entry(&self, now: Timestamp, origin: String) -> AuditEntry {
        AuditEntry::new(self.ids.audit(), now, Action::Import, &Origin::default())
            .at_command_line()
            .noting("run", self.run.to_string())
            .noting("lines", origin)
    }

    /// All at once, so that every thread that hashes has something to do.
    async fn hashes(
        &self,
        passwords: Vec<(usize, Password)>,
    ) -> Result<Vec<(usize, PasswordHash)>, HasherError> {
        let mut waiting: Vec<(usize, Hashing<'_>)> = Vec::new();
        for (place, password) in passwords {
            waiting.push((place, Box::pin(async move { self.passwords.hash(&password, None).await })));
        }
        let mut done = Vec::new();
        poll_fn(move |context| {
            let mut failed = None;
            waiting.retain_mut(|(place, hashing)| match hashing.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(Ok(hash)) => {
                    done.push((*place, hash));
                    false
                }
                Poll::Ready(Err(error)) => {
                    failed = Some(error);
                    false
                }
            });
            match failed {
                Some(error) => Poll::Ready(Err(error)),
                None if waiting.is_empty() => Poll::Ready(Ok(std::mem::take(&mut done))),
                None => Poll::Pending,
            }
        })
        .await
    }
}

fn opened(id: UserId, account: ImportedAccount, now: Timestamp) -> User {
    let ImportedAccount { id: _, address, credential, fields, created_at, updated_at, last_login } = account;
    let hash = match credential {
        Credential::Hash(hash) => hash,
        // Replaced as soon as it is hashed.
        Credential::Password(_) => PasswordHash::new(HashScheme::Peppered, ""),
    };
    let mut user = User::open(id, address, hash, created_at.unwrap_or(now));
    fields.apply(&mut user);
    user.updated_at = updated_at.unwrap_or(now);
    user.last_login = last_login;
    // Where a row says which identifier and times it has, it may have been here before, with another content: no version
    // is used twice for an identifier.
    user.version = now.millis().max(user.version);
    user
}
