//! The socket, bound before anything else is touched: a second start by mistake changes nothing.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use tokio::net::TcpSocket;

/// Connections that wait until they are accepted; the system may allow fewer.
const BACKLOG: u32 = 1024;

/// Why nobody can connect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Somebody listens there already.
    #[error("{0} is in use; choose another address with --bind or the setting `bind`")]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}")]
    Failed(SocketAddr, #[source] io::Error),
}

/// Listens on `address`; must be called within the runtime.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Failed(address, error),
    })
}

/// Where this machine reaches what listens there: `0.0.0.0` and `[::]` are no addresses to connect to.
pub(crate) fn reachable(bound: SocketAddr) -> SocketAddr {
    let host = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(host, bound.port())
}

fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?.into_std()?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}
