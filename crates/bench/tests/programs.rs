//! The programs that need no feature, as a script runs them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use doorward_bench::connection::Connection;

const FLOOR: &str = env!("CARGO_BIN_EXE_floor");
const BARE_BCRYPT: &str = env!("CARGO_BIN_EXE_bare_bcrypt");

/// Ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn run(program: &str, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(program).args(arguments).output()
}

#[test]
fn the_floor_answers_the_bytes_of_the_file_to_whoever_asks() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let child = Command::new(FLOOR).args([file, "1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut port = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut port).unwrap();

    let mut connection =
        Connection::open(SocketAddr::from(([127, 0, 0, 1], port.trim().parse().unwrap()))).unwrap();
    let expected = fs::read_to_string(file).unwrap();
    for path in ["/", "/api/user/me"] {
        assert_eq!(connection.ask("GET", path, "nobody").unwrap(), expected);
    }
}

#[test]
fn bare_bcrypt_tells_a_rate() {
    let output = run(BARE_BCRYPT, &["4", "1", "2"]).unwrap();
    let rate: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert!(output.status.success() && rate > 0.0);
}

#[test]
fn bad_use_is_told() {
    for (program, arguments, told) in [
        (FLOOR, &["Cargo.toml"][..], "usage: floor FILE WORKERS"),
        (FLOOR, &["Cargo.toml", "1", "2"], "usage: floor FILE WORKERS"),
        (FLOOR, &["Cargo.toml", "0"], "WORKERS must be a whole number above 0"),
        (FLOOR, &["no-such-file", "1"], "no-such-file cannot be read"),
        (BARE_BCRYPT, &["4", "1"], "usage: bare_bcrypt COST SECONDS THREADS"),
        (BARE_BCRYPT, &["4", "1", "1", "1"], "usage: bare_bcrypt COST SECONDS THREADS"),
        (BARE_BCRYPT, &["3", "1", "1"], "COST must be a whole number from 4 to 31"),
        (BARE_BCRYPT, &["4", "0", "1"], "SECONDS must be a whole number from 1 to 3600"),
        (BARE_BCRYPT, &["4", "1", "many"], "THREADS must be a whole number from 1 to 1024"),
    ] {
        let output = run(program, arguments).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(told), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}
