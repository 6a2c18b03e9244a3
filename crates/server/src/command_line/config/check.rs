//! Whether a service could start with the settings: they are read, what they name is looked at, and nothing is changed.

use std::collections::BTreeMap;
use std::fmt;

use doorward_redis::reach;
use doorward_sql::{Extent, SchemaStatus};

use super::ConfigFailed;
use super::files::{self, Look};
use crate::causes::with_causes;
use crate::copies;
use crate::settings::{Database, Origin, Settings, Sourced};
use crate::store::schema;

/// What is wrong outside of the settings themselves.
#[derive(Debug, thiserror::Error)]
pub(in crate::command_line) struct Findings {
    faults: Vec<String>,
    /// What was asked and did not answer.
    silent: Vec<String>,
}

impl Findings {
    /// Whether trying later may help.
    pub(super) fn is_temporary(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the settings can be read, but not used:")?;
        self.faults.iter().chain(&self.silent).try_for_each(|text| write!(formatter, "\n  - {text}"))
    }
}

/// What is to say of settings that will do.
pub(super) fn report(sourced: &Sourced, connect: bool) -> Result<String, ConfigFailed> {
    let mut look = files::look(&sourced.settings);
    let mut silent = Vec::new();
    // With files that cannot be used there is nobody to ask.
    if connect && look.faults.is_empty() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(ConfigFailed::Runtime)?.block_on(async {
            ask(&sourced.settings, &mut look, &mut silent).await;
            ask_redis(&sourced.settings, &mut look, &mut silent).await;
        });
    }
    let Look { faults, remarks } = look;
    if !faults.is_empty() || !silent.is_empty() {
        return Err(Findings { faults, silent }.into());
    }
    let mut lines = vec!["The settings will do.".to_owned()];
    lines.extend(
        sources(sourced)
            .into_iter()
            .chain(sourced.readable_secrets())
            .chain(remarks)
            .map(|line| format!("  {line}")),
    );
    Ok(lines.join("\n") + "\n")
}

/// Which source gave what.
fn sources(sourced: &Sourced) -> Vec<String> {
    let mut defaults = 0;
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if let Some(file) = &sourced.file {
        given.insert(file.display().to_string(), Vec::new());
    }
    for value in &sourced.values {
        match &value.origin {
            None => defaults += 1,
            Some(origin) => {
                let (source, name) = source_of(origin, value.name);
                given.entry(source).or_default().push(name);
            }
        }
    }
    let mut lines: Vec<_> = given
        .into_iter()
        .map(|(source, names)| match names.as_slice() {
            [] => format!("{source}: nothing"),
            names => format!("{source}: {}", names.join(", ")),
        })
        .collect();
    lines.push(format!("defaults: {defaults} settings"));
    lines
}

/// A source, and what it calls the setting.
fn source_of(origin: &Origin, name: &str) -> (String, String) {
    match origin {
        Origin::Environment(variable) => ("environment".to_owned(), variable.clone()),
        Origin::CommandLine(option) => ("command line".to_owned(), option.clone()),
        Origin::File(path) => (path.display().to_string(), name.to_owned()),
        Origin::SecretFile { path, key, named } => {
            let (source, name) = source_of(named, key);
            (source, format!("{name} ({})", path.display()))
        }
    }
}

/// Asks the database.
async fn ask(settings: &Settings, look: &mut Look, silent: &mut Vec<String>) {
    let place = settings.database().to_string();
    match schema::status(settings).await {
        Ok(status) => {
            let migrates = settings.migrate_at_start && matches!(settings.database(), Database::Sqlite(_));
            let (told, text) = match tables(&place, &status, migrates) {
                Ok(remark) => (&mut look.remarks, remark),
                Err(fault) => (&mut look.faults, fault),
            };
            told.push(format!("database_url: {text}"));
        }
        Err(error) => {
            let told = if error.is_temporary() { silent } else { &mut look.faults };
            told.push(format!("database_url: {}", with_causes(&error)));
        }
    }
}

/// What a start would make of the tables of `place`: what it would do or remark on, or why it would not go on.
fn tables(place: &str, status: &SchemaStatus, migrates: bool) -> Result<String, String> {
    // A file that has nothing yet is brought up to date whole: nobody older uses it.
    let extent = if status.applied.is_empty() { Extent::Everything } else { Extent::WithoutContract };
    let obstacle = if migrates { status.obstacle(extent) } else { status.refused() };
    if let Some(found) = obstacle {
        return Err(format!("{place} was changed by a newer version: {found}"));
    }
    if status.missing().is_some() {
        let missing = status.to_do(extent).collect::<Vec<_>>().join(", ");
        return if migrates {
            Ok(format!("a start migrates {place}: {missing}"))
        } else {
            Err(format!("{place} lacks {missing}; run `doorward migrate apply`"))
        };
    }
    Ok(status
        .remark()
        .map_or_else(|| format!("{place} is up to date"), |remark| format!("{place} can be used: {remark}")))
}

/// Asks Redis, if it is used.
async fn ask_redis(settings: &Settings, look: &mut Look, silent: &mut Vec<String>) {
    match copies::redis(settings) {
        Ok(None) => {}
        Ok(Some(redis)) => match reach(&redis).await {
            Ok(()) => {
                look.remarks
                    .push(format!("redis_url: {} and {} can be used", redis.url, redis.documents_url));
            }
            Err(error) => {
                let told = if error.is_temporary() { silent } else { &mut look.faults };
                told.push(format!("redis_url: {}", with_causes(&error)));
            }
        },
        Err(error) => look.faults.push(with_causes(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(pending: &[&str], unknown: &[&str]) -> SchemaStatus {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        SchemaStatus { applied: owned(&["0001_users"]), pending: owned(pending), unknown: owned(unknown) }
    }

    #[test]
    fn what_a_start_accepts_is_no_fault() {
        for migrates in [false, true] {
            assert_eq!(tables("here", &status(&[], &[]), migrates).unwrap(), "here is up to date");
            let added = tables("here", &status(&[], &["9001expand"]), migrates).unwrap();
            assert!(added.contains("here can be used: a newer version has added to the tables"), "{added}");
            let waiting = tables("here", &status(&["0035contract_name"], &[]), migrates).unwrap();
            assert!(waiting.contains("here can be used: 0035contract_name waits"), "{waiting}");
        }
        let lacking = status(&["0034expand_name", "0035contract_name"], &[]);
        assert_eq!(tables("here", &lacking, true).unwrap(), "a start migrates here: 0034expand_name");
    }

    #[test]
    fn what_a_start_refuses_is_a_fault() {
        for (status, migrates, fault) in [
            (status(&[], &["9001expand", "9002contract"]), false, "changed by a newer version: 9002contract"),
            (status(&[], &["9001expand", "9002contract"]), true, "changed by a newer version: 9002contract"),
            (status(&["0034expand_name"], &["9001expand"]), true, "changed by a newer version: 9001expand"),
            (
                status(&["0034expand_name", "0035contract_name"], &[]),
                false,
                "here lacks 0034expand_name; run",
            ),
        ] {
            let told = tables("here", &status, migrates).unwrap_err();
            assert!(told.contains(fault), "{told}");
        }
    }
}
