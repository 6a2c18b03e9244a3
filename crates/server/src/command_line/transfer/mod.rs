//! `doorward transfer`: takes everything from one database to another.

mod failure;
mod progress;

pub(super) use failure::TransferFailed;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::terminal;
use crate::password_file;
use crate::settings::{Database, Settings, TRANSFER_FROM, TRANSFER_FROM_FILE, TRANSFER_TO, TRANSFER_TO_FILE};
use crate::stop::Stop;
use crate::store::{Opening, Store};
use crate::telemetry::Log;
use crate::transfer::{Content, End, Transfer, TransferError};
use progress::Progress;

/// Which databases.
#[derive(clap::Args)]
pub(super) struct TransferArguments {
    /// The database that has everything; it is only read
    #[arg(long, env = TRANSFER_FROM, hide_env_values = true, value_name = "URL", required_unless_present = "from_file")]
    from: Option<String>,
    /// The file that holds this URL and nothing else, for its owner alone
    #[arg(long, env = TRANSFER_FROM_FILE, value_name = "FILE", conflicts_with = "from")]
    from_file: Option<PathBuf>,
    /// The database that gets everything: an empty one, or a file that is not there
    #[arg(long, env = TRANSFER_TO, hide_env_values = true, value_name = "URL", required_unless_present = "to_file")]
    to: Option<String>,
    /// The file that holds this URL and nothing else, for its owner alone
    #[arg(long, env = TRANSFER_TO_FILE, value_name = "FILE", conflicts_with = "to")]
    to_file: Option<PathBuf>,
}

impl TransferArguments {
    /// The database that has everything, and the one that gets it.
    fn databases(&self, settings: &Settings) -> Result<(Database, Database), TransferFailed> {
        let read = |option, url: Option<&String>, file: Option<&PathBuf>| {
            let url = match (url, file) {
                (Some(url), _) => Zeroizing::new(url.clone()),
                (None, Some(file)) => password_file::read_private(file)
                    .map_err(|error| TransferFailed::file(option, file, error))?,
                (None, None) => Zeroizing::default(),
            };
            Database::parse(&url, settings.database_allow_unverified)
                .map_err(|error| TransferFailed::url(option, error))
        };
        let from = read("from", self.from.as_ref(), self.from_file.as_ref())?;
        let to = read("to", self.to.as_ref(), self.to_file.as_ref())?;
        Ok((from, to))
    }
}

/// Takes everything along, says how far it is, and what is left to do by hand.
pub(super) async fn transfer(
    settings: &Settings,
    arguments: &TransferArguments,
    log: &Arc<Log>,
) -> Result<(), TransferFailed> {
    let (from, to) = arguments.databases(settings)?;
    if from.to_string() == to.to_string() {
        return Err(TransferFailed::Same(from.to_string()));
    }
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = Stop::on_signals(Arc::clone(log)).map_err(TransferFailed::Signals)?;
    let asked = Arc::clone(&stopped);
    tokio::spawn(async move {
        stop.asked().await;
        asked.store(true, Ordering::Relaxed);
        terminal::complain("Stopping as soon as what is being written is written.");
    });

    let source = open(&from, settings, false).await.map_err(|error| TransferFailed::open("source", error))?;
    // Nobody else makes this file; the tables of any other database are their owner's business.
    let is_new_file = matches!(&to, Database::Sqlite(file) if !file.exists());
    let target =
        open(&to, settings, is_new_file).await.map_err(|error| TransferFailed::open("target", error))?;
    let progress = Progress::new(stopped);
    let transfer = Transfer { source: end(&source), target: end(&target), observer: &progress };
    let content = transfer.carry_out().await;
    progress.finish();
    source.close();
    target.close();
    report(content, settings, &from, &to)
}

async fn open(
    database: &Database,
    settings: &Settings,
    migrate: bool,
) -> Result<Store, crate::store::StoreUnusable> {
    Store::open_at(database, settings, Opening { migrate, ..Opening::in_bulk(settings) }).await
}

fn end(store: &Store) -> End<'_> {
    End { name: store.place(), archive: &*store.archive, keys: &*store.keys }
}

fn report(
    content: Result<Content, TransferError>,
    settings: &Settings,
    from: &Database,
    to: &Database,
) -> Result<(), TransferFailed> {
    match &content {
        Ok(content) => {
            terminal::say(&format!("Everything of {from} is in {to}:\n{}", table(content)))?;
            terminal::say(&format!(
                "\nKeys and pepper are files, and were not taken along. Nodes that use the new database need the same:\n  \
                 {}\n  {}\n",
                settings.keys_path().display(),
                settings.pepper_path().display()
            ))?;
        }
        Err(TransferError::Different { source_content, target_content }) => {
            terminal::say(&format!("{from} has\n{}", table(source_content)))?;
            terminal::say(&format!("{to} has\n{}", table(target_content)))?;
        }
        Err(_) => {}
    }
    content?;
    Ok(())
}

fn table(Content { accounts, sessions, audit }: &Content) -> String {
    [("accounts", accounts), ("sessions", sessions), ("audit entries", audit)]
        .map(|(name, sum)| format!("  {:>10} {name}  SHA-256 {sum}\n", sum.rows))
        .concat()
}
