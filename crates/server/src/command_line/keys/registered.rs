//! What this node has beside what is registered, and the way to register something else.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;

use doorward_domain::port::KeyFingerprint;

use super::{KeysFailed, as_it_is, open};
use crate::command_line::terminal;
use crate::settings::Settings;
use crate::shared_keys::{self, Comparison, SharedKeys, Standing, compare, fingerprints_in};

/// Compares this node's fingerprints with the registered ones, a line each. Nothing is made or changed.
pub(in crate::command_line) async fn fingerprints(settings: &Settings) -> Result<ExitCode, KeysFailed> {
    let (here, signing) = shared_keys::found(settings)?;
    let store = as_it_is(settings).await?;
    let registered = fingerprints_in(&store.keys.registered().await?);
    store.close();
    let comparisons = compare(&here, &registered);
    let lines = comparisons.iter().map(|comparison| line(comparison, signing.as_deref()));
    terminal::say(&lines.collect::<String>())?;
    if registered.is_empty() {
        terminal::complain("Nothing is registered yet: the next start registers what this node has.");
        return Ok(ExitCode::SUCCESS);
    }
    let same = comparisons.iter().all(|comparison| matches!(comparison.standing, Standing::Same(_)));
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(Comparison { name, standing }: &Comparison, signing: Option<&str>) -> String {
    // The name of a key of tokens has its fingerprint in it.
    let of_its_own = |fingerprint: &str| {
        if name.ends_with(fingerprint) { String::new() } else { format!("  {fingerprint}") }
    };
    let signs = if signing == Some(name.as_str()) { "  signs" } else { "" };
    match standing {
        Standing::Same(fingerprint) => format!("same     {name}{}{signs}\n", of_its_own(fingerprint)),
        Standing::Different { here, registered } => {
            format!("differs  {name}  {here} here, {registered} registered\n")
        }
        Standing::Missing(fingerprint) => {
            format!("missing  {name}{}  registered, not here\n", of_its_own(fingerprint))
        }
        Standing::Unregistered(fingerprint) => {
            format!("unknown  {name}{}{signs}  here, not registered\n", of_its_own(fingerprint))
        }
    }
}

/// Registers what this node has, and says what that means.
pub(in crate::command_line) async fn adopt(settings: &Settings) -> Result<(), KeysFailed> {
    let store = open(settings).await?;
    let before = fingerprints_in(&store.keys.registered().await?);
    SharedKeys::adopt(settings, &store).await?;
    let after = fingerprints_in(&store.keys.registered().await?);
    store.close();
    terminal::say(&consequences(&before, &after))?;
    Ok(())
}

fn consequences(before: &[KeyFingerprint], after: &[KeyFingerprint]) -> String {
    let mut text = String::from("This node's keys and pepper are those of the service now:\n");
    let mut notes = BTreeSet::new();
    for Comparison { name, standing } in compare(after, before) {
        let (word, note) = match standing {
            Standing::Same(_) => ("as before", None),
            Standing::Unregistered(_) => ("new", None),
            Standing::Missing(_) => {
                ("gone", Some("Tokens that were signed with a key that is gone are refused."))
            }
            Standing::Different { .. } => {
                ("new", Some("WARNING: passwords that were set with the other pepper no longer work."))
            }
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {word:<9}  {name}");
        notes.extend(note);
    }
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    text + "A node with other ones no longer starts. Those that run follow their own directories.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, fingerprint: &str) -> KeyFingerprint {
        KeyFingerprint { name: name.to_owned(), fingerprint: fingerprint.to_owned() }
    }

    #[test]
    fn a_line_says_how_a_secret_stands() {
        let here = [key("pepper", "p1"), key("token_key/a", "a"), key("token_key/b", "b")];
        let registered = [key("pepper", "p2"), key("token_key/b", "b"), key("token_key/c", "c")];
        let lines: String =
            compare(&here, &registered).iter().map(|one| line(one, Some("token_key/b"))).collect();
        assert_eq!(
            lines,
            "differs  pepper  p1 here, p2 registered\n\
             unknown  token_key/a  here, not registered\n\
             same     token_key/b  signs\n\
             missing  token_key/c  registered, not here\n"
        );
    }

    #[test]
    fn what_adopting_means_is_told() {
        let before = [key("pepper", "p1"), key("token_key/a", "a")];
        let told = consequences(&before, &[key("pepper", "p2"), key("token_key/b", "b")]);
        assert!(told.contains("WARNING: passwords") && told.contains("gone       token_key/a"), "{told}");
        let told = consequences(&before, &[key("pepper", "p1"), key("token_key/a", "a")]);
        assert!(!told.contains("WARNING") && told.contains("as before  pepper"), "{told}");
    }
}
