//! Whether there is a Redis to start, and what happens where there is none.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// With the value `required`, a missing service fails the tests that need it.
const SERVICES: &str = "TEST_SERVICES";

static THERE: LazyLock<bool> = LazyLock::new(look);

/// Whether Redis is installed. Where not, the test is to be left out, which is said once a process. Panics instead
/// where a test must not be left out: with `TEST_SERVICES=required`, or when `CI` is set.
pub fn is_there() -> bool {
    *THERE
}

fn look() -> bool {
    let installed = ["redis-server", "redis-cli"].into_iter().all(|program| {
        let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    });
    if !installed {
        assert!(
            !services_are_required(),
            "redis-server and redis-cli are not installed, and tests of Redis must not be left out here (CI or \
             {SERVICES})"
        );
        let told = writeln!(
            std::io::stderr(),
            "note: tests of Redis are left out, because redis-server and redis-cli are not installed; \
             scripts/test/install.sh brings them"
        );
        told.unwrap();
    }
    installed
}

fn services_are_required() -> bool {
    variable("CI").is_some() || variable(SERVICES).as_deref() == Some("required")
}

#[expect(clippy::disallowed_methods, reason = "tests are told of their services by the environment alone")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
