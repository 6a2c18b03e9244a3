//! `doorward keys`: what every node has to share, whether this one does, and how the keys of tokens are changed.

mod change;
mod list;
mod registered;

pub(super) use change::{generate, retire, rotate};
pub(super) use list::{Format, list};
pub(super) use registered::{adopt, fingerprints};

use std::io;

use doorward_crypto::{KeyDirectory, KeyFileError, SystemClock};
use doorward_domain::port::StoreError;

use crate::data_dir::{self, DataDirError};
use crate::settings::Settings;
use crate::shared_keys::{KeysUnusable, Rotation, RotationFailed, Rules};
use crate::store::{Opening, Store, StoreUnusable};

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeysFailed {
    /// The data directory is not used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// There is no store to work with.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// A file is weak, exposed or broken.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// There is nothing to adopt.
    #[error(transparent)]
    Keys(#[from] KeysUnusable),
    /// The keys were not changed.
    #[error(transparent)]
    Change(#[from] RotationFailed),
    /// The store does not say what is registered.
    #[error("the registered fingerprints cannot be read")]
    Registered(#[from] StoreError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl KeysFailed {
    /// Whether trying later may help.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Keys(error) => error.is_temporary(),
            Self::Change(error) => error.is_temporary(),
            Self::Registered(error) => matches!(error, StoreError::Unavailable(_)),
            _ => false,
        }
    }
}

/// The store of a command that changes something.
async fn open(settings: &Settings) -> Result<Store, KeysFailed> {
    if settings.uses_data_dir() {
        data_dir::prepare(&settings.data_dir)?;
    }
    Ok(Store::open(settings).await?)
}

/// The store of a command that changes the keys of a service that is there.
async fn as_it_is(settings: &Settings) -> Result<Store, KeysFailed> {
    Ok(Store::open_in_settings(settings, Opening::as_it_is(settings)).await?)
}

fn rotation<'a>(settings: &Settings, store: &'a Store) -> Rotation<'a> {
    Rotation {
        directory: KeyDirectory::at(settings.keys_path()),
        registry: &*store.keys,
        clock: &SystemClock,
        rules: Rules::of(settings),
    }
}
