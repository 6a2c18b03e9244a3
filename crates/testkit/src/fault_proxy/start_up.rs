//! How a connection begins: packets without a type, until the server is ready for the first time.

use std::io;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::select;

use super::message::{Status, from_server};
use super::wire::Wire;

/// Codes that stand where a version of the protocol would.
const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSS_ENCRYPTION: u32 = 80_877_104;

/// What a client comes for.
pub(super) enum Greeting {
    /// A conversation; the packet says who the client is.
    Conversation(Bytes),
    /// Nothing but that a statement on another connection be given up; there is no answer.
    Cancel(Bytes),
}

/// Listens to who the client is; says no to encryption, which would hide everything else.
pub(super) async fn greeting(client: &mut Wire) -> io::Result<Greeting> {
    loop {
        let packet = client.start_up().await?;
        let code = packet.get(4..8).map(|code| u32::from_be_bytes(code.try_into().unwrap()));
        match code {
            Some(TLS | GSS_ENCRYPTION) => client.send(b"N").await?,
            Some(CANCEL) => return Ok(Greeting::Cancel(packet)),
            _ => return Ok(Greeting::Conversation(packet)),
        }
    }
}

/// A connection to the server itself, which has been sent the packet.
pub(super) async fn server(address: &str, packet: &[u8]) -> io::Result<Wire> {
    let mut server = Wire::new(TcpStream::connect(address).await?)?;
    server.send(packet).await?;
    Ok(server)
}

/// Passes on who proves what to whom until the server is ready.
pub(super) async fn introduce(client: &mut Wire, server: &mut Wire) -> io::Result<Status> {
    loop {
        select! {
            frame = client.next() => server.send(frame?.bytes()).await?,
            frame = server.next() => {
                let frame = frame?;
                client.send(frame.bytes()).await?;
                if frame.kind() == from_server::READY {
                    return Ok(Status::read(frame.body()));
                }
            }
        }
    }
}
