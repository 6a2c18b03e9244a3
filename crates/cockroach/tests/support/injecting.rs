//! Transactions that `CockroachDB` itself asks for again.
//!
//! In a session with `inject_retry_errors_enabled` every statement of a transaction is answered with 40001. A client that
//! goes back to the savepoint `cockroach_restart` gets through the fourth time; one that begins anew, as we do, never
//! does. So some sessions have the setting and others have not, and each try gets a session of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, PoolSettings};
use doorward_testkit::postgres::Vendor;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// As the packet has it that a connection begins with.
const SETTING: &[u8] = b"inject_retry_errors_enabled\0on\0";

/// One in so many sessions has the setting.
const ONE_IN: u32 = 3;

/// Whether that is wanted, and the database can.
pub(super) fn is_wanted(vendor: Vendor) -> bool {
    #[expect(clippy::disallowed_methods, reason = "tests are told how to run by the environment alone")]
    let wanted = std::env::var("TEST_INJECT_RETRY_ERRORS").is_ok_and(|value| value == "1");
    wanted && vendor == Vendor::Cockroach
}

/// Enough tries for whoever is unlucky, and a new session for each.
pub(super) fn settings() -> CockroachSettings {
    let pool = PoolSettings { max_lifetime: Duration::ZERO, ..PoolSettings::default() };
    CockroachSettings { pool, deadline: Duration::from_secs(20), tries: 40, tries_of_lost: 40 }
}

/// Stands in front of the server for as long as the test's runtime lives, and adds the setting to some sessions.
pub(super) async fn before(server: String) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (client, _) = listener.accept().await.unwrap();
            tokio::spawn(pass_on(client, server.clone(), number % ONE_IN == 0));
        }
    });
    address
}

async fn pass_on(mut client: TcpStream, server: String, injecting: bool) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    // Its length, which counts itself, then names and values, then a NUL. Nobody asks for encryption here.
    let length = client.read_u32().await?;
    let mut packet = vec![0; length as usize - 4];
    client.read_exact(&mut packet).await?;
    if injecting {
        packet.pop();
        packet.extend_from_slice(SETTING);
        packet.push(0);
    }
    server.write_u32(u32::try_from(packet.len() + 4).unwrap()).await?;
    server.write_all(&packet).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
