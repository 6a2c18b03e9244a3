//! Why a backup was not restored.

use std::fmt;
use std::io;
use std::path::PathBuf;

use doorward_crypto::KeyFileError;
use doorward_sqlite::OpenError;

use crate::backup::Unusable;
use crate::data_dir::DataDirError;
use crate::ownership::NotOwned;

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreFailed {
    /// It is none, or not whole.
    #[error(transparent)]
    Backup(#[from] Unusable),
    /// The data directory is not used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Somebody serves the database.
    #[error(transparent)]
    NotOwned(#[from] NotOwned),
    /// Somebody else has it open.
    #[error("another process has {} open: stop it first", .0.display())]
    InUse(PathBuf),
    /// There is something already.
    #[error("{} there already; --replace moves aside what is there, and deletes nothing", Paths(.0))]
    Taken(Vec<PathBuf>),
    /// The settings name a server.
    #[error(
        "the backup is of an embedded database, and database_url is {0}: restore it with database_url = \
         sqlite:///…, and take it along with `doorward transfer`"
    )]
    NotEmbedded(String),
    /// Another restore was interrupted.
    #[error("the restore of {dir} was interrupted: finish it first, with `doorward restore {dir}`", dir = .0.display())]
    OtherUnfinished(PathBuf),
    /// The backup is without secrets, and there are none.
    #[error(
        "the backup has neither keys nor pepper, and there is no pepper at {}: put the pepper and the keys that the \
         database was set up with in their places, or say --without-secrets",
        .0.display()
    )]
    NoPepper(PathBuf),
    /// The backup is without secrets, and those that are here are others.
    #[error(
        "the backup has neither keys nor pepper, and the pepper {} is not the one that its database was set up with: \
         no password would work; put the right one in its place, or say --without-secrets",
        .0.display()
    )]
    OtherPepper(PathBuf),
    /// Keys or pepper that are here cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// It stays where it is, whatever is renamed.
    #[error(
        "{} is mounted by itself, and nothing can take its place: mount the directory that it is in, or exchange it \
         where it comes from and say --without-secrets",
        .0.display()
    )]
    Mounted(PathBuf),
    /// Nobody knows whether somebody has it open.
    #[error("{} cannot be opened to see whether another process has it open: move it aside if none has", .0.display())]
    Settle(PathBuf, #[source] OpenError),
    /// A directory cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// A file cannot be written or moved.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// The copy was not made ready.
    #[error("the copy {} cannot be made ready", .0.display())]
    Prepare(PathBuf, #[source] OpenError),
}

impl RestoreFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::InUse(_) | Self::NotOwned(NotOwned::Taken(_)))
    }
}

struct Paths<'a>(&'a [PathBuf]);

impl fmt::Display for Paths<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.0.iter().map(|path| path.display().to_string()).collect();
        write!(formatter, "{} {}", paths.join(" and "), if paths.len() == 1 { "is" } else { "are" })
    }
}
