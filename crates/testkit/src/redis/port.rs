//! Ports for servers.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that the system gives to outgoing connections, so that a port is still free when a server that was
/// stopped comes back to it.
const FIRST: u32 = 20_000;

/// How many there are.
const COUNT: u32 = 12_000;

/// How many a process has to itself, as long as the numbers of processes do not come round.
const SHARE: u32 = 48;

/// A port that nobody listens on, and that no other test has got lately.
pub(super) fn free() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        assert!(taken < COUNT, "no port is free");
        let port = FIRST + (process::id().wrapping_mul(SHARE) + taken) % COUNT;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
