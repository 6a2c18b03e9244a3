//! A way to a server that can fall silent, as when a cable is pulled.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Passes everything on, until the connections of that time fall silent for ever; those that come later are passed on.
pub(crate) struct Network {
    address: SocketAddr,
    silent: Arc<AtomicBool>,
    lost: UnboundedReceiver<Lost>,
}

/// The first message on a connection that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Somebody waits for an answer.
    Question,
    /// Nobody does.
    Goodbye,
}

impl Network {
    /// A way to the server with this host and port.
    pub(crate) async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silent = Arc::new(AtomicBool::new(false));
        let (losing, lost) = unbounded_channel();
        let (quiet, server) = (Arc::clone(&silent), server.to_owned());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass_on(client, server, Arc::clone(&quiet), losing.clone()));
            }
        });
        Self { address, silent, lost }
    }

    /// Where it begins.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing reaches the server over what is connected.
    pub(crate) fn fall_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// The first words on this many connections since then.
    pub(crate) async fn lost(&mut self, connections: usize) -> Vec<Lost> {
        let mut words = Vec::new();
        while words.len() < connections {
            words.push(self.lost.recv().await.unwrap());
        }
        words
    }
}

async fn pass_on(
    client: TcpStream,
    server: TcpStream,
    silent: Arc<AtomicBool>,
    losing: UnboundedSender<Lost>,
) {
    let is_new = silent.load(Ordering::SeqCst);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    loop {
        let mut message = Vec::new();
        from_client.read_buf(&mut message).await.unwrap();
        if silent.load(Ordering::SeqCst) && !is_new {
            // Close, Terminate and the end are the last words on a connection; all others are part of a query.
            let is_goodbye = matches!(message.first(), None | Some(b'C' | b'X'));
            losing.send(if is_goodbye { Lost::Goodbye } else { Lost::Question }).unwrap();
            return std::future::pending().await;
        }
        if message.is_empty() {
            return;
        }
        to_server.write_all(&message).await.unwrap();
    }
}
