//! Holds the table in `docs/metrics.md` to the table of metrics.
//!
//! `UPDATE_DOCS=1 cargo test -p doorward metrics` writes the page's table anew.

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
