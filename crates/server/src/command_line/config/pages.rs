//! Holds the files in `docs/config` to what `doorward config schema` and `doorward config example` print.
//!
//! `UPDATE_DOCS=1 cargo test -p doorward configuration` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::{example, schema};
use crate::settings::{Flags, Purpose, Settings, chapters};

/// A file of the documents says this, or is made to say it.
#[expect(clippy::disallowed_methods, reason = "it is no setting of the service")]
fn says(name: &str, expected: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config").join(name);
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_DOCS") {
        fs::write(&path, expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "{name} is old; run: UPDATE_DOCS=1 cargo test -p doorward configuration");
}

#[test]
fn the_configuration_schema_in_the_documents_is_the_one_that_is_printed() {
    says("doorward.schema.json", &schema::text());
}

#[test]
fn the_configuration_example_in_the_documents_is_the_one_that_is_printed() {
    says("doorward.example.toml", &example::text());
}

/// The example with every default uncommented.
fn uncommented() -> String {
    let is_name = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
    };
    let text = example::text();
    let lines = text.lines().map(|line| line.strip_prefix('#').filter(|rest| is_name(rest)).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_means_the_defaults_whether_or_not_they_are_uncommented() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("example.toml");
    let variables = || [("DOORWARD_CONFIG".into(), file.clone().into_os_string())];
    for text in [example::text(), uncommented()] {
        fs::write(&file, &text).unwrap();
        let settings = Settings::from_sources(&Flags::default(), variables()).unwrap();
        assert_eq!(format!("{settings:?}"), format!("{:?}", Settings::default()), "{text}");
    }
    let given = Settings::sourced(&Flags::default(), variables(), Purpose::Serving).unwrap().values;
    let defaults = given.iter().filter(|value| value.written.is_some());
    for value in defaults {
        assert!(value.origin.is_some(), "{} is not among what can be uncommented", value.name);
    }
}

#[test]
fn the_example_explains_every_setting() {
    let text = example::text();
    for setting in chapters().iter().flat_map(|chapter| &chapter.settings) {
        assert!(text.contains(&format!("\n#{} =", setting.name)), "{} is missing", setting.name);
        let word = setting.meaning.split(' ').next().unwrap();
        assert!(text.contains(&format!("\n# {word}")), "{}", setting.name);
    }
    assert!(text.contains("\n#database_url_file =\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120 || !line.starts_with("# ")));
}
