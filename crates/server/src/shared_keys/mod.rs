//! The secrets that every node of a service shares: its pepper and the keys of its tokens. They are in files; the store
//! knows their fingerprints, so that a node with other ones is noticed before it serves.

mod choice;
mod comparison;
mod date;
mod error;
mod keeper;
mod news;
mod overview;
mod register;
mod remark;
mod retirement;
mod rotation;
mod rotation_failed;
#[cfg(test)]
mod tests;
mod trouble;

pub(crate) use choice::Rules;
pub(crate) use comparison::{Comparison, Standing, compare};
pub(crate) use date::Date;
pub(crate) use error::KeysUnusable;
pub(crate) use keeper::{KeeperParts, KeptKeys, KeyKeeper};
#[cfg(test)]
pub(crate) use overview::KeyState;
pub(crate) use overview::{KeyLine, overview};
pub(crate) use register::{Register, fingerprints_in, key_entry};
pub(crate) use retirement::{Cost, Retired};
pub(crate) use rotation::{Rotated, Rotation};
pub(crate) use rotation_failed::RotationFailed;

use std::sync::Arc;

use doorward_crypto::{KeyDirectory, KeyFileError, KeyInFile, KeyRing, KeySet, Pepper, SystemClock};
use doorward_domain::port::{Archive, Clock as _, KeyFingerprint, KeyRegistry, StoreError};

use self::choice::{Choice, Obstacle, Refused};
use self::error::Differences;
use self::news::News;
use crate::settings::Settings;
use crate::store::Store;

/// What the pepper is registered as.
const PEPPER: &str = "pepper";

/// What a key of tokens is registered as, with its name behind.
const TOKEN_KEY: &str = "token_key/";

/// The secrets of this node.
pub(crate) struct SharedKeys {
    /// The secret in every password.
    pub(crate) pepper: Pepper,
    /// The keys of the tokens.
    pub(crate) ring: Arc<KeyRing>,
}

/// What is in the files of this node.
struct SharedFiles {
    pepper: Pepper,
    keys: KeySet,
}

impl SharedKeys {
    /// The secrets that the store was set up with. They are made for a store that nobody has used, and only then: with
    /// other ones every password would be wrong, or every token refused, and nobody would know why.
    pub(crate) async fn of_service(settings: &Settings, store: &Store) -> Result<Self, KeysUnusable> {
        let files = match expected(&*store.keys, &*store.archive).await? {
            Expected::Any => SharedFiles::load_or_create(settings)?,
            Expected::Those => SharedFiles::load(settings)?,
        };
        // Of several nodes that are the first one is; the others learn here that they are not.
        let registered = store.keys.register_first(&files.fingerprints()).await?;
        let register = Register::read(&registered);
        let choice = Choice::among(&files.keys, None, &register, Rules::of(settings), SystemClock.now());
        let differences = Differences::between(settings, &files, &register, choice.as_ref().err());
        match choice {
            Err(ref refused @ Refused::NothingSigns(ref kid, Obstacle::Over)) => {
                let mut news = News::of(&Arc::from(""), Rules::of(settings), SystemClock.now());
                news.of_refused(refused);
                news.tell(&*store.keys).await?;
                Err(KeysUnusable::NotToSign(kid.clone(), Obstacle::New))
            }
            Err(Refused::NothingSigns(kid, obstacle)) if obstacle != Obstacle::Unknown => {
                Err(KeysUnusable::NotToSign(kid, obstacle))
            }
            Ok(choice) if differences.is_empty() => files.chosen(&choice),
            _ => Err(KeysUnusable::Different(differences)),
        }
    }

    /// Registers what this node has instead of whatever is registered. A key that signs is made if there is none, as
    /// when the last one was put aside; a pepper is not. What was retired stays so.
    pub(crate) async fn adopt(settings: &Settings, store: &Store) -> Result<(), KeysUnusable> {
        let files = match expected(&*store.keys, &*store.archive).await? {
            Expected::Any => SharedFiles::load_or_create(settings)?,
            Expected::Those => {
                let pepper = Pepper::load(&settings.pepper_path()).map_err(KeysUnusable::of_file)?;
                let keys = KeyDirectory::at(settings.keys_path()).read_or_create(settings.token_algorithm)?;
                SharedFiles { pepper, keys }
            }
        };
        let before = store.keys.registered().await?;
        let register = Register::read(&before);
        let leading = files.keys.leading().kid();
        if register.key(leading).is_retired() {
            return Err(KeysUnusable::NotToSign(leading.to_owned(), Obstacle::Retired));
        }
        let mut news = News::of(&Arc::from(""), Rules::of(settings), SystemClock.now());
        news.adopt(&files.keys, &register);
        let own = files.fingerprints().into_iter().filter(|own| own.name == PEPPER);
        store.keys.register(&own.chain(news.into_entries()).collect::<Vec<_>>()).await?;
        Ok(())
    }
}

impl SharedFiles {
    fn load_or_create(settings: &Settings) -> Result<Self, KeyFileError> {
        Ok(Self {
            pepper: Pepper::load_or_create(&settings.pepper_path())?,
            keys: KeyDirectory::at(settings.keys_path()).read_or_create(settings.token_algorithm)?,
        })
    }

    fn load(settings: &Settings) -> Result<Self, KeysUnusable> {
        let loaded = (Pepper::load(&settings.pepper_path()), KeyDirectory::at(settings.keys_path()).read());
        match loaded {
            (Ok(pepper), Ok(keys)) => Ok(Self { pepper, keys }),
            (pepper, keys) => Err(KeysUnusable::of_files(pepper.err().into_iter().chain(keys.err()))),
        }
    }

    fn fingerprints(&self) -> Vec<KeyFingerprint> {
        fingerprints(Some(&self.pepper), Some(&self.keys))
    }

    fn chosen(self, choice: &Choice) -> Result<SharedKeys, KeysUnusable> {
        let verifies = |kid: &str| choice.verifying.contains(kid);
        let ring = self.keys.ring(&choice.signing, None, verifies);
        let ring = ring.ok_or_else(|| KeysUnusable::NotToSign(choice.signing.clone(), Obstacle::Unknown))?;
        Ok(SharedKeys { pepper: self.pepper, ring: Arc::new(ring) })
    }
}

/// Which secrets a store needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// It is new: any will do.
    Any,
    /// It was used with some: none but those.
    Those,
}

/// Accounts are asked for first: a node registers its secrets before it opens the first one.
async fn expected(keys: &dyn KeyRegistry, archive: &dyn Archive) -> Result<Expected, StoreError> {
    let is_used = !archive.users_after(None, 1).await?.is_empty() || !keys.registered().await?.is_empty();
    Ok(if is_used { Expected::Those } else { Expected::Any })
}

/// What this node has of the secrets, as far as there are files, with the key that is to sign.
pub(crate) fn found(settings: &Settings) -> Result<(Vec<KeyFingerprint>, Option<String>), KeyFileError> {
    let pepper = if_there(Pepper::load(&settings.pepper_path()))?;
    let keys = if_there(KeyDirectory::at(settings.keys_path()).read())?;
    let leading = keys.as_ref().map(|keys| key_entry(keys.leading().kid()).name);
    Ok((fingerprints(pepper.as_ref(), keys.as_ref()), leading))
}

/// `None` where there is no such file.
pub(crate) fn if_there<T>(loaded: Result<T, KeyFileError>) -> Result<Option<T>, KeyFileError> {
    match loaded {
        Err(error) if error.is_not_found() => Ok(None),
        loaded => loaded.map(Some),
    }
}

/// The name of a key is its fingerprint already.
fn fingerprints(pepper: Option<&Pepper>, keys: Option<&KeySet>) -> Vec<KeyFingerprint> {
    let pepper =
        pepper.map(|pepper| KeyFingerprint { name: PEPPER.to_owned(), fingerprint: pepper.fingerprint() });
    let keys = keys.into_iter().flat_map(KeySet::iter).map(KeyInFile::kid).map(key_entry);
    pepper.into_iter().chain(keys).collect()
}
