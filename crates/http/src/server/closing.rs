//! The last moments of a listening socket.
//!
//! Whoever has connected when it closes, and was not accepted yet, is reset: after having sent a request, perhaps. So the
//! system is told first to begin no more connections. Those that have begun are answered meanwhile, and whoever wanted
//! another one asks again, is refused, and knows that nothing of theirs was heard.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use tokio::time::sleep;

/// Longer than it takes to shake hands within a data centre and to accept.
const SETTLING: Duration = Duration::from_millis(200);

/// A second handle on a listening socket.
pub(super) struct Closing(TcpListener);

impl Closing {
    pub(super) fn of(listener: &TcpListener) -> io::Result<Self> {
        listener.try_clone().map(Self)
    }

    /// Begins no more connections, and waits until those that have begun are accepted.
    pub(super) async fn settle(self) {
        match refuse_to_begin(&self.0) {
            Ok(()) => sleep(SETTLING).await,
            Err(error) => {
                tracing::debug!(%error, "connections may begin until there is nobody to accept them");
            }
        }
    }
}

/// Drops every segment that has SYN and not ACK: the first one of a handshake (RFC 9293 §3.5). What a filter sees of a
/// listening socket begins with the TCP header, whose fourteenth byte has the flags.
#[cfg(target_os = "linux")]
fn refuse_to_begin(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};

    // linux/bpf_common.h: a byte at a fixed place, a mask, a comparison, an end.
    const LOAD: u16 = 0x30;
    const MASK: u16 = 0x54;
    const IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD, 0, 0, FLAGS),
        SockFilter::new(MASK, 0, 0, SYN | ACK),
        SockFilter::new(IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

#[cfg(not(target_os = "linux"))]
fn refuse_to_begin(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
