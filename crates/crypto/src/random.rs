//! Bytes from the operating system's generator: the one source of chance.

use std::thread;
use std::time::Duration;

/// Random bytes.
///
/// Where the system has none to give (no file descriptor left for `/dev/urandom` on an old kernel, a sandbox that
/// forbids `getrandom(2)`), this waits and asks again: a late identifier does less harm than one that can be guessed
/// or a process that is gone.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    while let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system gives no randomness; trying again");
        thread::sleep(Duration::from_millis(10));
    }
    bytes
}
