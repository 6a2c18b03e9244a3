//! What becomes of the keys and the pepper. Those that are here stay where they belong to the database: a key that was
//! exchanged or retired since the backup stays so.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use doorward_crypto::{KeyDirectory, Pepper, private_file};
use doorward_domain::port::KeyFingerprint;

use super::{Choices, RestoreFailed, copy_part};
use crate::backup::{Backup, KEYS, PEPPER, key_files};
use crate::settings::Settings;
use crate::shared_keys::{Register, if_there, key_entry};

/// What becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// Those that are here belong to the database that was there, and to the one in the backup.
    AsBefore,
    /// Those that are here stay, as was asked for.
    Left {
        /// Whether no password of the database works with the pepper that is here, or there is none.
        is_useless: bool,
    },
    /// Those of the backup are put where others are, or none.
    Put(Vec<Placing>),
}

/// One that is put somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placing {
    /// What it is called in the backup.
    part: &'static str,
    /// Where it belongs.
    pub(crate) place: PathBuf,
    /// Whether another one is there.
    pub(crate) differs: bool,
}

impl Secrets {
    /// Decides, by the backup, by what is here, and by what the database that is there has registered.
    pub(super) fn plan(
        settings: &Settings,
        backup: &Backup,
        present: Option<&[KeyFingerprint]>,
        choices: Choices,
    ) -> Result<Self, RestoreFailed> {
        let path = settings.pepper_path();
        let here = if_there(Pepper::load(&path))?.map(|pepper| pepper.fingerprint());
        let needed = backup.database.as_ref().and_then(|found| Register::read(&found.registered).pepper);
        let fits = needed.is_none() || here == needed;
        let before = present.and_then(|entries| Register::read(entries).pepper);
        let others = backup.manifest.has_secrets() && !choices.without_secrets;
        if needed.is_some() && here == needed && before == needed {
            // Where no key is left that the database knows, those of the backup are better than none.
            if !others || present.is_some_and(|entries| knows_a_key_in(&settings.keys_path(), entries)) {
                return Ok(Self::AsBefore);
            }
        }
        if choices.without_secrets {
            return Ok(Self::Left { is_useless: !fits });
        }
        if others {
            return Self::placings_of(settings, backup, here.as_deref()).map(Self::Put);
        }
        match here {
            _ if fits => Ok(Self::Left { is_useless: false }),
            None => Err(RestoreFailed::NoPepper(path)),
            Some(_) => Err(RestoreFailed::OtherPepper(path)),
        }
    }

    fn placings_of(
        settings: &Settings,
        backup: &Backup,
        here: Option<&str>,
    ) -> Result<Vec<Placing>, RestoreFailed> {
        let (pepper, keys) = (settings.pepper_path(), settings.keys_path());
        let kept = Pepper::load(&backup.path(PEPPER))?.fingerprint();
        let mut placings = Vec::new();
        if here != Some(kept.as_str()) {
            placings.push(Placing { part: PEPPER, place: pepper, differs: here.is_some() });
        }
        let read = |directory: &Path| {
            keys_in(directory).map_err(|error| RestoreFailed::Read(directory.to_owned(), error))
        };
        let (own, kept) = (read(&keys)?, read(&backup.path(KEYS))?);
        if own != kept {
            placings.push(Placing { part: KEYS, place: keys, differs: !own.is_empty() });
        }
        Ok(placings)
    }

    /// What is put somewhere.
    pub(crate) fn placings(&self) -> &[Placing] {
        match self {
            Self::Put(placings) => placings,
            Self::AsBefore | Self::Left { .. } => &[],
        }
    }

    /// Whether those that are here go on, with all that was known of them.
    pub(super) fn is_as_before(&self) -> bool {
        matches!(self, Self::AsBefore)
    }
}

impl Placing {
    /// Copies it beside its place.
    pub(super) fn stage(&self, backup: &Backup, staged: &Path) -> Result<(), RestoreFailed> {
        let failed = |error| RestoreFailed::Write(self.place.clone(), error);
        if self.part == PEPPER {
            copy_part(backup, PEPPER, staged)?;
        } else {
            private_file::create_directory(staged).map_err(failed)?;
            for key in backup.manifest.keys() {
                let Some(name) = Path::new(&key.path).file_name() else { continue };
                copy_part(backup, &key.path, &staged.join(name))?;
            }
            private_file::sync_directory(staged).map_err(failed)?;
        }
        private_file::sync_directory_of(staged).map_err(failed)
    }
}

/// Whether the keys of a directory can be read, and one of them is registered.
fn knows_a_key_in(directory: &Path, registered: &[KeyFingerprint]) -> bool {
    let keys = KeyDirectory::at(directory).read();
    keys.is_ok_and(|keys| keys.iter().any(|key| registered.contains(&key_entry(key.kid()))))
}

/// The files of keys with what is in them; none where there is no directory.
fn keys_in(directory: &Path) -> io::Result<Vec<(String, zeroize::Zeroizing<Vec<u8>>)>> {
    let names = match key_files(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names?,
    };
    names.into_iter().map(|name| fs::read(directory.join(&name)).map(|text| (name, text.into()))).collect()
}
