//! Where the tests' services are, and what happens where there is none.

use std::io::Write as _;
use std::sync::Once;

/// Names a server whose user may create databases.
const URL: &str = "TEST_DATABASE_URL";

/// With the value `required`, a missing service fails the tests that need it.
const SERVICES: &str = "TEST_SERVICES";

/// The URL of the server for tests; `None` is a reason to leave a test out, and has been told.
pub(super) fn server_url() -> Option<String> {
    let url = variable(URL);
    if url.is_none() {
        assert!(
            !services_are_required(),
            "{URL} names no server, and tests of the database must not be left out here (CI or {SERVICES})"
        );
        tell_what_is_left_out();
    }
    url
}

fn services_are_required() -> bool {
    variable("CI").is_some() || variable(SERVICES).as_deref() == Some("required")
}

/// Once a process, and not through `eprintln!`, which the test harness swallows when a test passes.
fn tell_what_is_left_out() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        let told = writeln!(
            std::io::stderr(),
            "note: tests of the database are left out, because {URL} names no server; scripts/test.sh brings one, \
             and scripts/test/postgres.sh COMMAND runs a command with one"
        );
        told.unwrap();
    });
}

#[expect(clippy::disallowed_methods, reason = "tests are told of their services by the environment alone")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
