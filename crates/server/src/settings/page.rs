//! Holds the table in `docs/configuration.md` to the table of settings.
//!
//! `UPDATE_DOCS=1 cargo test -p doorward configuration` writes the page's table anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::{Unset, chapters, environment_name, file_name};

const BEGIN: &str = "<!-- settings: written by a test -->\n";
const END: &str = "<!-- end of settings -->\n";

fn table() -> String {
    let mut page = String::new();
    for chapter in chapters() {
        writeln!(page, "\n### {}\n", chapter.title).unwrap();
        page.push_str("| Setting and variable | Default | Allowed | Meaning |\n| --- | --- | --- | --- |\n");
        for setting in chapter.settings {
            let unset = match setting.unset {
                Unset::Is("") => "none".to_owned(),
                Unset::Is(text) => format!("`{text}`"),
                Unset::Means(text) => text.to_owned(),
            };
            let (name, variable) = (setting.name, environment_name(setting.name));
            let (allowed, meaning) = (setting.allowed, setting.meaning);
            let file = file_name(name);
            let or_file = if setting.is_secret {
                format!(" or the file that holds it: `{file}` `{}`", environment_name(&file))
            } else {
                String::new()
            };
            writeln!(page, "| `{name}` `{variable}`{or_file} | {unset} | {allowed} | {meaning} |").unwrap();
        }
    }
    page.push('\n');
    page
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is no setting of the service")]
fn the_configuration_page_tells_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = [before, BEGIN, &table(), END, after].concat();
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_DOCS") {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == expected, "the page is old; run: UPDATE_DOCS=1 cargo test -p doorward configuration");
}
