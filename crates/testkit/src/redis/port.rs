//! Ports for servers.

use std::fs::{self, File};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

/// Below those that the system gives to outgoing connections, so that a port is still free when a server that was
/// stopped comes back to it.
const FIRST: u32 = 20_000;

/// How many there are.
const COUNT: u32 = 12_000;

/// After so many the next process begins to look, so that few look at the same ones.
const SHARE: u32 = 48;

/// A port that nobody listens on, and that no other test is given as long as this process lives: also while the server
/// that it is for is down.
pub(super) fn free() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());
    loop {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        assert!(taken < COUNT, "no port is free");
        let port = FIRST + (process::id().wrapping_mul(SHARE) + taken) % COUNT;
        let port = u16::try_from(port).unwrap();
        let Some(held) = hold(port) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            HELD.lock().unwrap().push(held);
            return port;
        }
    }
}

/// A lock that ends with the file's handle; `None` where another process has it.
fn hold(port: u16) -> Option<File> {
    let directory = env::temp_dir().join("doorward-test-ports");
    fs::create_dir_all(&directory).unwrap();
    let file = File::create(directory.join(port.to_string())).unwrap();
    file.try_lock().is_ok().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_and_held() {
        let ports: Vec<u16> = (0..5).map(|_| free()).collect();
        for (place, port) in ports.iter().enumerate() {
            assert!(!ports[..place].contains(port));
            assert!(hold(*port).is_none(), "{port}");
        }
    }
}
