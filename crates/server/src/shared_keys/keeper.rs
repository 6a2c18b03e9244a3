//! Keeps the keys of a running node up to date: it looks at their directory and at the register every two seconds, and
//! what the other nodes have to know of a change it tells them first.

use std::collections::BTreeSet;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::{Glance, JwtSigner, KeyDirectory, KeyFileError, KeyRing, KeySet, RandomIds};
use doorward_domain::port::{Clock, Ids as _, KeyFingerprint, KeyRegistry, StoreError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::choice::{Choice, Rules};
use super::error::LookFailed;
use super::news::News;
use super::register::Register;
use super::remark::Remark;
use super::trouble::Trouble;
use crate::file_system::FileSystem;

/// How often a node looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What a keeper works with.
pub(crate) struct KeeperParts {
    /// Where the keys are.
    pub(crate) directory: KeyDirectory,
    /// What all nodes know of them.
    pub(crate) registry: Arc<dyn KeyRegistry>,
    /// Who uses them.
    pub(crate) signer: Arc<JwtSigner>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is kept to.
    pub(crate) rules: Rules,
}

/// Looks after the keys of this node.
pub(crate) struct KeyKeeper {
    parts: KeeperParts,
    /// What this node is called by the others.
    node: Arc<str>,
    ring: Arc<KeyRing>,
    /// What was there when nothing was left to do.
    settled: Option<(Glance, Vec<KeyFingerprint>)>,
    /// What was remarked at the last look, so that it is logged once.
    remarks: BTreeSet<Remark>,
    /// Where the directory is.
    files: FileSystem,
}

/// A keeper at work; it stops when this is dropped.
pub(crate) struct KeptKeys(JoinHandle<()>);

impl Drop for KeptKeys {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl KeyKeeper {
    /// A keeper of `ring`, which is in use already.
    pub(crate) fn new(parts: KeeperParts, ring: Arc<KeyRing>) -> Self {
        Self {
            parts,
            node: name_of_node(),
            ring,
            settled: None,
            remarks: BTreeSet::new(),
            files: FileSystem::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn called(self, node: &str) -> Self {
        Self { node: Arc::from(node), ..self }
    }

    /// From now on the directory owes an answer, or it does no more.
    #[cfg(test)]
    pub(super) fn ask(&self, is_asked: bool) {
        self.files.be_silent(is_asked);
    }

    #[cfg(test)]
    pub(super) fn name(&self) -> &str {
        &self.node
    }

    #[cfg(test)]
    pub(super) fn shared_ring(&self) -> Arc<KeyRing> {
        self.ring.clone()
    }

    #[cfg(test)]
    pub(super) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    #[cfg(test)]
    pub(super) fn remarks(&self) -> impl Iterator<Item = &Remark> {
        self.remarks.iter()
    }

    /// Looks until it is dropped.
    pub(crate) fn keep(mut self) -> KeptKeys {
        KeptKeys(tokio::spawn(async move {
            let mut looks = interval(LOOK_EVERY);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut trouble = Trouble::none(Instant::now());
            loop {
                looks.tick().await;
                let outcome = self.look().await;
                trouble.note(outcome.as_ref().err(), Instant::now());
            }
        }))
    }

    /// Looks once.
    pub(crate) async fn look(&mut self) -> Result<(), LookFailed> {
        let entries = self.parts.registry.registered().await?;
        let register = Register::read(&entries);
        let now = self.parts.clock.now();
        let glance = self.in_directory(KeyDirectory::glance).await;
        let glance = glance.inspect_err(|_| self.go_on(None, &register))?;
        let seen = (glance, entries);
        let mut news = News::of(&self.node, self.parts.rules, now);
        if self.settled.as_ref() != Some(&seen) {
            self.settled = None;
            let keys = self.in_directory(KeyDirectory::read).await;
            let keys = keys.inspect_err(|_| self.go_on(None, &register))?;
            if self.follow(keys, &register, &mut news).await? {
                self.settled = Some(seen);
            }
        }
        news.of_ring(&self.ring, &register);
        Ok(news.tell(&*self.parts.registry).await?)
    }

    /// Goes over to what is in the directory, as far as it may be used. Whether nothing is left to do.
    async fn follow(
        &mut self,
        keys: Result<KeySet, KeyFileError>,
        register: &Register,
        news: &mut News,
    ) -> Result<bool, StoreError> {
        let now = self.parts.clock.now();
        let mut remarks = BTreeSet::new();
        let is_settled = match keys {
            Ok(keys) => match Choice::among(&keys, Some(&self.ring), register, self.parts.rules, now) {
                Ok(choice) => {
                    remarks.extend(Remark::on_choice(&choice, &keys, register));
                    news.of_choice(&choice, &self.ring, register);
                    news.tell(&*self.parts.registry).await?;
                    self.work_with(&keys, &choice);
                    choice.waiting.is_none()
                }
                Err(refused) => {
                    remarks.insert(Remark::on_refused(&refused));
                    news.of_refused(&refused);
                    self.go_on(Some(&keys), register);
                    false
                }
            },
            Err(error) => {
                remarks.insert(Remark::on_file(&error));
                self.go_on(None, register);
                false
            }
        };
        remarks.extend(Remark::on_lacking(register, &self.ring, self.parts.rules));
        if !self.ring.signs() {
            remarks.insert(Remark::Silent(self.ring.signing_kid().to_owned()));
        }
        for remark in remarks.difference(&self.remarks) {
            remark.log(self.parts.directory.path());
        }
        self.remarks = remarks;
        Ok(is_settled)
    }

    fn work_with(&mut self, keys: &KeySet, choice: &Choice) {
        let verifies = |kid: &str| choice.verifying.contains(kid);
        if let Some(ring) = keys.ring(&choice.signing, Some(&self.ring), verifies) {
            self.use_ring(ring);
        }
    }

    /// Goes on with the keys before, and those of `keys` for verifying. What is at an end ends here too, whatever is
    /// wrong with the directory; if it is what signs, nothing is signed.
    fn go_on(&mut self, keys: Option<&KeySet>, register: &Register) {
        let is_retired = |kid: &str| register.key(kid).is_retired();
        self.use_ring(match keys {
            Some(keys) => keys.beside(&self.ring).without(is_retired),
            None => self.ring.without(is_retired),
        });
    }

    fn use_ring(&mut self, ring: KeyRing) {
        if ring.signing_kid() == self.ring.signing_kid() && ring.kids().eq(self.ring.kids()) {
            return;
        }
        let ring = Arc::new(ring);
        self.parts.signer.use_ring(ring.clone());
        tracing::info!(
            signing = ring.signing_kid(),
            verifying = ring.kids().count(),
            "the keys of tokens have changed"
        );
        self.ring = ring;
    }

    /// What the directory answers.
    pub(super) async fn in_directory<T: Send + 'static>(
        &self,
        question: impl FnOnce(&KeyDirectory) -> T + Send + 'static,
    ) -> Result<T, LookFailed> {
        let directory = self.parts.directory.clone();
        Ok(self.files.ask(move || question(&directory)).await?)
    }
}

/// What no other process is called. A host may have the name of another, and in containers the numbers of processes are
/// the same.
fn name_of_node() -> Arc<str> {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    let (_, id) = RandomIds.session().uuid().as_u64_pair();
    Arc::from(format!("{host} (process {}, {:08x})", process::id(), id & 0xffff_ffff))
}
