//! What `--help` teaches beyond the options: examples, and the settings.

use std::fmt::Write;

use crate::settings::{Unset, chapters, environment_name, file_name};

/// For `doorward -h`.
pub(super) const EXAMPLES: &str = "\
Examples:
  doorward                                  start on http://127.0.0.1:8080/
  doorward --bind 127.0.0.1:9000            listen elsewhere
  doorward admin create ada@example.com     open an admin's account
  doorward users import people.csv          take accounts in; `users export` hands them out
  doorward users disable eve@example.com    close an account at once, on every node
  doorward users set-password ada@example.com
                                            for somebody who forgot theirs
  doorward migrate apply                    bring the tables of the database up to date
  doorward keys list                        which key signs, and which others there are
  doorward keys generate                    make another key; `keys rotate` has it sign
  doorward keys fingerprints                compare this node's keys and pepper with the service's
  doorward audit --since 7days               who did what in the last week
  doorward backup /backups/today            copy database, keys and pepper, while the service runs
  doorward restore /backups/today           put them back
  doorward check                            look an embedded database through
  doorward transfer --from URL --to URL     take everything to another database
  doorward config check                     will it start with these settings?
  doorward config example > doorward.toml   a settings file that explains every setting
  doorward healthcheck                      is it ready?
  doorward openapi > openapi.json           the API for code generators

Exit codes: 0 done; 1 failed; 2 wrong settings; 75 the database is out of reach: try later.

`doorward --help` lists every setting.";

/// For `doorward admin create --help`.
pub(super) const ADMIN_EXAMPLES: &str = "\
Examples:
  doorward admin create ada@example.com
  doorward admin create ada@example.com --password-file /run/secrets/ada
  pass show doorward/ada | doorward admin create ada@example.com --password-file -";

/// For `doorward users import --help`.
pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  doorward users import people.csv --dry-run
  doorward users import people.ndjson --results results.ndjson
  doorward users import people.ndjson --results results.ndjson --resume     after an interruption
  zcat people.ndjson.gz | doorward users import - --format ndjson

A row has what a registration takes (username, email, profile, ...), role, active, created_at, and password (hashed \
here, some four a second for each core) or password_hash (bcrypt: $2a$, $2b$, $2y$). A row whose username is there \
already changes nothing, so the same file may come again. docs/users.md has the columns, and how to come from Django, \
Flask, Supabase and Auth0.

Exit codes: 0 done; 1 some rows were refused, or failed; 2 wrong settings; 75 the database is out of reach: try later; \
130 interrupted: the same command with --resume goes on.";

/// For `doorward users export --help`.
pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  doorward users export people.csv
  doorward users export | jq -r .email
  doorward users export people.ndjson --with-hashes     for another Doorward with the same pepper

A cell of a table that a spreadsheet would take for a formula has a ' in front, which an import takes away again.";

/// For `doorward users set-password --help`.
pub(super) const SET_PASSWORD_EXAMPLES: &str = "\
Examples:
  doorward users set-password ada@example.com
  doorward users set-password ada@example.com --password-file /run/secrets/ada
  pass show doorward/ada | doorward users set-password ada@example.com --password-file -

Nobody is sent anything: hand the password over by a way of your own, and have its owner change it \
(PUT /api/user/me/password). A disabled account gets its password and stays disabled.

Exit codes: 0 done; 1 failed, or refused; 2 wrong settings; 75 the database is out of reach: try later.";

/// For `doorward migrate --help`. A paragraph is one line, which is wrapped where the terminal ends.
pub(super) const MIGRATE_EXAMPLES: &str = "\
Examples:
  doorward migrate status
  DOORWARD_DATABASE_URL='postgresql://doorward_migrator@db.internal/doorward' doorward migrate apply

PostgreSQL and CockroachDB are migrated by this alone, an embedded database also at a start \
(DOORWARD_MIGRATE_AT_START). What a migration means to older versions stands in its name: `expand` only adds, they go on \
and may start; `contract` takes away what they need, and is for when none of them runs. A node refuses tables that lack \
something, or that a newer version has done more to than to add.

Exit codes: 0 done, or nothing to do; 1 pending (status), or failed; 2 wrong settings; 3 a newer version was here; \
75 the database is out of reach, or another process is at it: try later; 130, 143 stopped by a signal after the \
migration that had begun: run it again.";

/// For `doorward keys rotate --help`.
pub(super) const ROTATE_EXAMPLES: &str = "\
Another key for tokens, with nobody logged out and no node restarted:
  doorward keys generate                 # where every node has a directory of its own: take the file to each
  doorward keys list                     # no node is told to lack it
  doorward keys rotate                   # in each directory
  doorward keys retire OLD-KEY           # once its tokens have expired (refresh_ttl)

A key that may be known to others is ended at once, and those who have a token of it log in again:
  doorward keys generate; doorward keys rotate; doorward keys retire OLD-KEY --now";

/// For `doorward keys adopt --help`.
pub(super) const ADOPT_WARNING: &str = "\
With another pepper the passwords of every account stop working. A node with other keys or another pepper refuses to \
start afterwards: take this node's files to all of them.

It is for a service whose files were lost or exchanged on purpose. To have another key sign, use `doorward keys \
generate` and `rotate`.";

/// For `doorward config check --help`.
pub(super) const CONFIG_CHECK_EXAMPLES: &str = "\
Examples:
  doorward config check
  doorward config check --config /etc/doorward.toml --connect

Exit codes: 0 a service could start; 1 it cannot be told; 2 something is wrong; 75 the database or Redis is out of \
reach: try later.";

/// For `doorward healthcheck --help`.
pub(super) const HEALTHCHECK_EXAMPLES: &str = "\
Examples:
  doorward healthcheck
  doorward healthcheck --url http://10.0.0.11:8080";

/// For `doorward completions --help`.
pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  doorward completions bash > /etc/bash_completion.d/doorward
  doorward completions zsh > /usr/local/share/zsh/site-functions/_doorward
  doorward completions fish > ~/.config/fish/completions/doorward.fish";

/// For `doorward man --help`.
pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  doorward man | man -l -
  doorward man --directory /usr/local/share/man/man1";

/// For `doorward audit --help`.
pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  doorward audit --action user.delete --target ada@example.com     who deleted the account?
  doorward audit --actor root@example.com --since 7days
  doorward audit --request-id 0d6f2a9b-2f1e-4c7d-8e3b-5a4c6d7e8f90  the story of one request
  doorward audit --since 2026-01-01T00:00:00Z --until 2026-02-01T00:00:00Z > january.ndjson

Actions: user.register, user.import, user.update, user.email, user.role, user.disable, user.enable, user.delete, user.password, \
session.login, session.logout, session.end, session.reuse, store.restore.

Exit codes: 0 done; 1 failed; 2 wrong settings; 75 the database is out of reach: try later.";

/// For `doorward backup --help`.
pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  doorward backup /backups/$(date +%F)
  doorward backup /backups/$(date +%F) --without-secrets          a copy that may go where keys must not
  doorward backup /backups/secrets-$(date +%F) --secrets-only     beside a backup of PostgreSQL or CockroachDB

All that was acknowledged before it began is in it. It is read through before it counts, and has its name only when all \
of it is on disk. How often, where to, and how to restore: docs/backup.md.

Exit codes: 0 done; 1 failed, and nothing is left; 2 wrong settings, or a database with tools of its own; 75 the \
database is busy: try later; 130, 143 stopped by a signal, and nothing is left.";

/// For `doorward restore --help`.
pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  doorward restore /backups/2026-01-31                on a new machine
  doorward restore /backups/2026-01-31 --replace      in the place of what is there, which is moved aside

Every session of the backup is ended, because it may have been ended since: everybody logs in again. Passwords that \
were changed since, and accounts that were closed or deleted, are as they were.

Where it is interrupted, the service does not start, and the same command finishes it.

Exit codes: 0 done; 1 failed, and what was there is there; 2 wrong settings; 75 another process serves the database, or \
has it open.";

/// For `doorward transfer --help`.
pub(super) const TRANSFER_EXAMPLES: &str = "\
Example:
  export DOORWARD_TRANSFER_FROM=sqlite:///var/lib/doorward/doorward.db
  export DOORWARD_TRANSFER_TO='postgresql://doorward@db.internal/doorward'
  DOORWARD_DATABASE_URL='postgresql://doorward_migrator@db.internal/doorward' doorward migrate apply
  doorward transfer

Stop every node of the service before: what changes meanwhile is not taken along. After an interruption the same \
command goes on. Nobody can serve from the new database until it has everything. Keys and pepper are files: take them \
along by hand.

Others on this machine can read a command line: a URL with a password is safer in the environment, or in a file that \
--from-file or --to-file names. DOORWARD_DATABASE_PASSWORD_FILE is not used.

Exit codes: 0 everything is there; 1 not everything; 2 a wrong URL; 75 a database is out of reach: try later; \
130 interrupted.";

/// For `doorward --help`: the examples and every setting.
pub(super) fn long() -> String {
    let mut text = EXAMPLES.replace("\n\n`doorward --help` lists every setting.", "");
    text.push_str("\n\nSettings, as environment variables with [default] (in a settings file: lower case, without DOORWARD_):\n");
    for chapter in chapters() {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n  {}\n", chapter.title);
        for setting in chapter.settings {
            let unset = match setting.unset {
                Unset::Is("") => "none".to_owned(),
                Unset::Is(text) => text.to_owned(),
                Unset::Means(text) => text.replace('`', ""),
            };
            let (variable, meaning) = (environment_name(setting.name), setting.meaning);
            let _ = writeln!(text, "    {variable} [{unset}]\n        {meaning}");
            if setting.is_secret {
                let file = environment_name(&file_name(setting.name));
                let _ = writeln!(text, "    {file}\n        Or the file that holds it, for its owner alone.");
            }
        }
    }
    text.push_str("\nWhat each of them allows: docs/configuration.md");
    text
}
