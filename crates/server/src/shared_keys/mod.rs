//! The secrets that every node of a service shares: its pepper and the keys of its tokens. They are in files; the store
//! knows their fingerprints, so that a node with other ones is noticed before it serves.

mod comparison;
mod error;

pub(crate) use comparison::{Comparison, Standing, compare};
pub(crate) use error::{Differences, KeysUnusable};

use doorward_crypto::{KeyFileError, KeyRing, Pepper};
use doorward_domain::port::{Archive, KeyFingerprint, KeyRegistry, StoreError};

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
    pub(crate) ring: KeyRing,
}

impl SharedKeys {
    /// The secrets that the store was set up with. They are made for a store that nobody has used, and only then: with
    /// other ones every password would be wrong, or every token refused, and nobody would know why.
    pub(crate) async fn of_service(settings: &Settings, store: &Store) -> Result<Self, KeysUnusable> {
        let own = match Self::expected(&*store.keys, &*store.archive).await? {
            Expected::Any => Self::load_or_create(settings)?,
            Expected::Those => Self::load(settings)?,
        };
        let fingerprints = own.fingerprints();
        // Of several nodes that are the first one is; the others learn here that they are not.
        let registered = store.keys.register_first(&fingerprints).await?;
        let differences = Differences::between(settings, &fingerprints, &registered);
        if differences.is_empty() { Ok(own) } else { Err(KeysUnusable::Different(differences)) }
    }

    /// Registers what this node has instead of whatever is registered. A key that signs is made if there is none, as
    /// when the last one was put aside; a pepper is not.
    pub(crate) async fn adopt(settings: &Settings, store: &Store) -> Result<Self, KeysUnusable> {
        let own = match Self::expected(&*store.keys, &*store.archive).await? {
            Expected::Any => Self::load_or_create(settings)?,
            Expected::Those => {
                let pepper = Pepper::load(&settings.pepper_path()).map_err(KeysUnusable::of_file)?;
                Self { pepper, ring: KeyRing::load_or_create(&settings.keys_path())? }
            }
        };
        store.keys.register(&own.fingerprints()).await?;
        Ok(own)
    }

    /// Accounts are asked for first: a node registers its secrets before it opens the first one.
    async fn expected(keys: &dyn KeyRegistry, archive: &dyn Archive) -> Result<Expected, StoreError> {
        let is_used = !archive.users_after(None, 1).await?.is_empty() || !keys.registered().await?.is_empty();
        Ok(if is_used { Expected::Those } else { Expected::Any })
    }

    fn load_or_create(settings: &Settings) -> Result<Self, KeyFileError> {
        Ok(Self {
            pepper: Pepper::load_or_create(&settings.pepper_path())?,
            ring: KeyRing::load_or_create(&settings.keys_path())?,
        })
    }

    fn load(settings: &Settings) -> Result<Self, KeysUnusable> {
        let loaded = (Pepper::load(&settings.pepper_path()), KeyRing::load(&settings.keys_path()));
        match loaded {
            (Ok(pepper), Ok(ring)) => Ok(Self { pepper, ring }),
            (pepper, ring) => Err(KeysUnusable::of_files(pepper.err().into_iter().chain(ring.err()))),
        }
    }

    fn fingerprints(&self) -> Vec<KeyFingerprint> {
        fingerprints(Some(&self.pepper), Some(&self.ring))
    }
}

/// Which secrets a store needs.
enum Expected {
    /// It is new: any will do.
    Any,
    /// It was used with some: none but those.
    Those,
}

/// What this node has of the secrets, as far as there are files, with the key that signs.
pub(crate) fn found(settings: &Settings) -> Result<(Vec<KeyFingerprint>, Option<String>), KeyFileError> {
    let pepper = if_there(Pepper::load(&settings.pepper_path()))?;
    let ring = if_there(KeyRing::load(&settings.keys_path()))?;
    let signing = ring.as_ref().map(|ring| format!("{TOKEN_KEY}{}", ring.signing_kid()));
    Ok((fingerprints(pepper.as_ref(), ring.as_ref()), signing))
}

fn if_there<T>(loaded: Result<T, KeyFileError>) -> Result<Option<T>, KeyFileError> {
    match loaded {
        Err(error) if error.is_not_found() => Ok(None),
        loaded => loaded.map(Some),
    }
}

/// The name of a key is its fingerprint already (RFC 7638).
fn fingerprints(pepper: Option<&Pepper>, ring: Option<&KeyRing>) -> Vec<KeyFingerprint> {
    let pepper =
        pepper.map(|pepper| KeyFingerprint { name: PEPPER.to_owned(), fingerprint: pepper.fingerprint() });
    let keys = ring
        .into_iter()
        .flat_map(KeyRing::kids)
        .map(|kid| KeyFingerprint { name: format!("{TOKEN_KEY}{kid}"), fingerprint: kid.to_owned() });
    pepper.into_iter().chain(keys).collect()
}
