//! What may stand on the command line: the commands and their arguments, with what `--help` says of each.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use super::{audit, backup, config, help, keys, restore, transfer, users};
use crate::settings::{Flags, Purpose};

/// A user-account and session service in one binary.
///
/// Without a command it serves: on the first start it makes its data directory, a signing key and an admin whose
/// password it prints once.
#[derive(Parser)]
#[command(name = "doorward", version, after_help = help::EXAMPLES, after_long_help = help::long(), max_term_width = 100)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Serve the API (this is what `doorward` alone does)
    Serve,
    /// Look after admins
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Look after accounts: take them in from files, hand them out, list them, change one
    #[command(subcommand)]
    Users(Box<users::UsersCommand>),
    /// Look after the tables of the database
    #[command(subcommand, after_help = help::MIGRATE_EXAMPLES)]
    Migrate(MigrateCommand),
    /// Look after what every node shares: the signing keys and the pepper
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Read the audit log: who did what to whom, the newest first, a JSON object a line
    #[command(after_help = help::AUDIT_EXAMPLES)]
    Audit(audit::AuditArguments),
    /// Take every account, session and entry of the audit log from one database to another
    #[command(after_help = help::TRANSFER_EXAMPLES)]
    Transfer(transfer::TransferArguments),
    /// Look at the settings: what they are, what they may be, and whether they will do
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Ask a node whether it is ready; exits with 0 if it says so within 2 seconds, 1 otherwise
    #[command(after_help = help::HEALTHCHECK_EXAMPLES)]
    Healthcheck {
        /// Where to ask, instead of where the settings have it listen; without a path it is /readyz
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Print the completions for a shell
    #[command(after_help = help::COMPLETIONS_EXAMPLES)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the man page
    #[command(after_help = help::MAN_EXAMPLES)]
    Man {
        /// Write a page for every command into this directory instead
        #[arg(long, value_name = "DIRECTORY")]
        directory: Option<PathBuf>,
    },
    /// Back up an embedded database, the keys and the pepper into a new directory; the service may be running
    #[command(after_help = help::BACKUP_EXAMPLES)]
    Backup(backup::BackupArguments),
    /// Put a backup in the place of the database; the service must not be running
    #[command(after_help = help::RESTORE_EXAMPLES)]
    Restore(restore::RestoreArguments),
    /// Look an embedded database through; exits with 1 if anything is wrong. The service may be running
    Check,
    /// Print the description of the API (`OpenAPI`)
    Openapi,
}

impl Command {
    /// What settings are read for.
    pub(super) fn purpose(&self) -> Purpose {
        if matches!(self, Self::Serve) { Purpose::Serving } else { Purpose::Command }
    }
}

#[derive(Subcommand)]
pub(super) enum MigrateCommand {
    /// Say which migrations the database has; exits with 0 if all, 1 if some are pending, 3 if a newer version was here and
    /// did more than to add
    Status,
    /// Say which migrations `apply` would carry out
    Plan,
    /// Carry out the migrations that are missing; waits up to five minutes for another process that does, then exits with 75
    Apply {
        /// Leave out what takes away from older versions (`contract` in its name), because some still run
        #[arg(long)]
        expand_only: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Say how the keys of tokens stand: which signs, which stand by, which only verify, and which are retired
    List {
        /// How the list is written
        #[arg(long, value_enum, default_value_t = keys::Format::Text)]
        format: keys::Format,
    },
    /// Make another key that verifies and stands by to sign, as `token_algorithm` says
    Generate,
    /// Have the standby key sign; the one before goes on verifying. Waits until every node has the key
    #[command(after_help = help::ROTATE_EXAMPLES)]
    Rotate {
        /// The key, if more than one stands by, or one that has signed before
        #[arg(allow_hyphen_values = true)]
        kid: Option<String>,
        /// Wait for no node: one that lacks the key refuses its tokens
        #[arg(long)]
        now: bool,
    },
    /// End a key for good, on every node, once no token of it is good any more
    Retire {
        /// The key
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Also while tokens of it are good: whoever has one has to log in again
        #[arg(long)]
        now: bool,
    },
    /// Compare what this node has with what the database knows; exits with 0 if it is the same, 1 if it differs, 75 if the database is out of reach
    Fingerprints,
    /// Make what this node has that of the whole service; a missing signing key is made, a missing pepper is not
    #[command(after_help = help::ADOPT_WARNING)]
    Adopt,
}

#[derive(Subcommand)]
pub(super) enum AdminCommand {
    /// Open an account for an admin; the service may be running
    #[command(after_help = help::ADMIN_EXAMPLES)]
    Create {
        /// E-mail address, which is also the username
        email: String,
        /// Read the password from this file, `-` for standard input, instead of asking for it
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn long_help_names_every_setting_and_its_variable() {
        let help = CommandLine::command().render_long_help().to_string();
        for setting in crate::settings::chapters().iter().flat_map(|chapter| &chapter.settings) {
            assert!(help.contains(&crate::settings::environment_name(setting.name)), "{}", setting.name);
        }
    }
}
