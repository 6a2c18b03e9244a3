//! What a backup says of itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{DATABASE, KEYS, PEPPER};

/// The form of this version. Another one is not understood here.
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// In which form all of this is.
    format: u32,
    /// Which version of the service has made it.
    pub(crate) version: String,
    /// When it was begun (RFC 3339): what was acknowledged before is in it.
    pub(crate) made_at: String,
    /// What is in the database, if that is there.
    pub(crate) database: Option<DatabasePart>,
    /// Every other file.
    pub(crate) files: Vec<FilePart>,
}

/// What is in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatabasePart {
    /// The migrations that were carried out.
    pub(crate) migrations: Vec<String>,
    /// How many rows tables have.
    pub(crate) rows: BTreeMap<String, i64>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FilePart {
    /// Where it is in the backup.
    pub(crate) path: String,
    /// How long it is.
    pub(crate) bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// Why a manifest is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAManifest {
    /// It is no such JSON.
    #[error("it is not a manifest of a backup")]
    Json(#[from] serde_json::Error),
    /// It has another form.
    #[error("its form {0} is not known to this version: use the one that made it, or a newer one")]
    Format(u32),
    /// It names something that no backup has.
    #[error("it names a file {0:?}, which no backup has")]
    Path(String),
    /// It does not name what it must.
    #[error("it names no file {0}")]
    Lacking(&'static str),
}

impl Manifest {
    /// Of what was made by this version.
    pub(crate) fn new(made_at: String, database: Option<DatabasePart>, files: Vec<FilePart>) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT, version, made_at, database, files }
    }

    /// Reads one, which may come from anywhere: no name in it leads out of the backup.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, NotAManifest> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let Form { format } = serde_json::from_slice(text)?;
        if format != FORMAT {
            return Err(NotAManifest::Format(format));
        }
        let manifest: Self = serde_json::from_slice(text)?;
        if let Some(odd) = manifest.files.iter().find(|file| !is_ours(&file.path)) {
            return Err(NotAManifest::Path(odd.path.clone()));
        }
        if manifest.database.is_some() && !manifest.has(DATABASE) {
            return Err(NotAManifest::Lacking(DATABASE));
        }
        if manifest.keys().next().is_some() && !manifest.has(PEPPER) {
            return Err(NotAManifest::Lacking(PEPPER));
        }
        Ok(manifest)
    }

    /// Whether keys and pepper are there.
    pub(crate) fn has_secrets(&self) -> bool {
        self.has(PEPPER)
    }

    /// The files of keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &FilePart> {
        self.files.iter().filter(|file| key_name(&file.path).is_some())
    }

    fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }
}

fn is_ours(path: &str) -> bool {
    [DATABASE, PEPPER].contains(&path) || key_name(path).is_some()
}

/// The name of the key's file, if that is what it is.
fn key_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(KEYS)?.strip_prefix('/')?;
    let is_plain = is_key_file(name) && !name.contains(['/', '\\', '\0']);
    is_plain.then_some(name)
}

/// Whether a file of this name holds a key, as the directory of keys has it.
pub(super) fn is_key_file(name: &str) -> bool {
    !name.starts_with('.') && Path::new(name).extension().is_some_and(|extension| extension == "pem")
}
