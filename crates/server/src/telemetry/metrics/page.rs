//! Holds the table in `docs/metrics.md` to the table of metrics.
//!
//! `UPDATE_DOCS=1 cargo test -p doorward metrics` writes the page's table anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::table::{Kind, METRICS};

const BEGIN: &str = "<!-- metrics: written by a test -->\n";
const END: &str = "<!-- end of metrics -->\n";

fn table() -> String {
    let mut page = "| Metric | Kind | Labels | Meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for metric in METRICS {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        writeln!(page, "| `{}` | {kind} | {} | {} |", metric.name, metric.labels, metric.meaning).unwrap();
    }
    page
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is no setting of the service")]
fn the_page_of_metrics_tells_every_metric() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = [before, BEGIN, &table(), END, after].concat();
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_DOCS") {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == expected, "the page is old; run: UPDATE_DOCS=1 cargo test -p doorward metrics");
}

/// The code of our crates, without the table and without what tests have; each file with its path.
fn sources() -> Vec<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut directories: Vec<_> =
        fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().path().join("src")).collect();
    let mut sources = Vec::new();
    while let Some(directory) = directories.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                directories.push(path);
            } else if !["table.rs", "tests.rs", "page.rs"].iter().any(|name| path.ends_with(name)) {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                sources.push((path.display().to_string(), code));
            }
        }
    }
    sources
}

/// The texts in code that begin as the names of metrics do, each with what stands before it. A crate is called so too.
fn names(code: &str) -> impl Iterator<Item = (&str, &str)> {
    code.match_indices("\"doorward_").filter_map(|(start, _)| {
        let name = code[start + 1..].split('"').next()?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_name && name.matches('_').count() > 1).then(|| (code[..start].trim_end(), name))
    })
}

#[test]
fn the_table_has_every_metric_that_is_counted_and_no_other() {
    let sources = sources();
    let mut counted = BTreeSet::new();
    for (path, code) in &sources {
        for (before, name) in names(code) {
            let metric = METRICS.iter().find(|metric| metric.name == name);
            let metric = metric.unwrap_or_else(|| panic!("{path}: {name} is not in the table"));
            for (macro_name, kind) in
                [("counter!(", Kind::Counter), ("gauge!(", Kind::Gauge), ("histogram!(", Kind::Histogram)]
            {
                assert!(
                    !before.ends_with(macro_name) || metric.kind == kind,
                    "{path}: {name} is no {macro_name}"
                );
            }
            counted.insert(name);
        }
        // A name that cannot be seen here could not be held to the table.
        for call in ["counter!(", "gauge!(", "histogram!("] {
            for (start, _) in code.match_indices(call).filter(|(start, _)| !code[..*start].ends_with('_')) {
                let name = code[start + call.len()..].trim_start();
                assert!(
                    name.starts_with(['"', '*', '$']) || name.starts_with(char::is_uppercase),
                    "{path}: {name:.40}"
                );
            }
        }
    }
    let known: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(counted, known);
}
