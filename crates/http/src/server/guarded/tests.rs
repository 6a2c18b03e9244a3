//! What connections do to those who use them badly, in paused time.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::watch::{AHEAD, PARTING};
use super::*;

/// A connection that takes nothing: not even that it is at an end.
struct Full;

impl AsyncWrite for Full {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn dos_03_an_end_that_does_not_leave_ends_the_connection() {
    let mut server = Guarded::new(Full, &HttpSettings::default());
    let begun = Instant::now();
    assert_eq!(server.shutdown().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert!(about(HttpSettings::default().write_timeout).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_at_the_last_moment_is_heard() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    assert!(server.watch().request_began(false));
    server.watch().request_ended(false);
    tokio::time::advance(HttpSettings::default().keep_alive * 2).await;
    client.write_u8(b'G').await.unwrap();
    assert_eq!(server.read_u8().await.unwrap(), b'G');
}

/// A connection that was reset.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

fn guarded(stream: tokio::io::DuplexStream) -> Guarded<tokio::io::DuplexStream> {
    Guarded::new(stream, &HttpSettings::default())
}

#[tokio::test(start_paused = true)]
async fn dos_03_a_head_that_does_not_come_ends_the_connection() {
    let (_client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    let error = server.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn dos_03_a_dripped_second_head_ends_the_connection() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    assert!(server.watch().request_began(false));
    server.watch().request_ended(false);
    let drip = tokio::spawn(async move {
        while client.write_u8(b'x').await.is_ok() {
            tokio::time::advance(Duration::from_millis(500)).await;
        }
    });
    let mut received = 0;
    let error = loop {
        match server.read_u8().await {
            Ok(_) => received += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!((9..=11).contains(&received), "{received}");
    drop(server);
    drip.await.unwrap();
}

/// How long nothing comes, and what becomes of it.
async fn silence(server: &mut Guarded<tokio::io::DuplexStream>) -> (Duration, io::Result<usize>) {
    let begun = Instant::now();
    let read = server.read(&mut [0; 1]).await;
    (begun.elapsed(), read)
}

/// Timers of tokio are late by up to a millisecond.
fn about(time: Duration) -> std::ops::Range<Duration> {
    time..time + Duration::from_millis(2)
}

#[tokio::test(start_paused = true)]
async fn dos_03_each_answer_puts_the_end_of_an_unused_connection_off() {
    let (_client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    let HttpSettings { keep_alive, .. } = HttpSettings::default();
    for _ in 0..3 {
        assert!(server.watch().request_began(false));
        server.watch().request_ended(false);
        let almost = keep_alive.saturating_sub(Duration::from_millis(1));
        assert!(tokio::time::timeout(almost, server.read_u8()).await.is_err(), "not yet");
    }
    assert!(server.watch().request_began(false));
    server.watch().request_ended(false);
    let (late, end) = silence(&mut server).await;
    assert!(about(keep_alive).contains(&late), "{late:?}");
    assert_eq!(end.unwrap(), 0, "the client has come to its end");
    server.flush().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn dos_03_a_head_that_has_begun_has_its_own_time() {
    let HttpSettings { head_timeout, keep_alive, .. } = HttpSettings::default();
    for wait in [Duration::ZERO, keep_alive / 2, keep_alive.saturating_sub(Duration::from_millis(1))] {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(server.watch().request_began(false));
        server.watch().request_ended(false);
        tokio::time::timeout(wait, server.read_u8()).await.unwrap_err();
        client.write_u8(b'G').await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'G');
        let (late, error) = silence(&mut server).await;
        assert!(about(head_timeout).contains(&late), "{late:?}");
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}

#[tokio::test(start_paused = true)]
async fn dos_03_a_head_that_began_before_the_answer_has_its_own_time() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    assert!(server.watch().request_began(false));
    server.watch().request_received();
    client.write_u8(b'G').await.unwrap();
    assert_eq!(server.read_u8().await.unwrap(), b'G');
    server.watch().request_ended(false);
    let (late, error) = silence(&mut server).await;
    assert!(about(HttpSettings::default().head_timeout).contains(&late), "{late:?}");
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn dos_03_after_the_last_answer_a_client_has_little_time() {
    let (_client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    assert!(tokio::time::timeout(Duration::from_millis(1), server.read_u8()).await.is_err());
    assert!(server.watch().request_began(false));
    server.watch().request_ended(true);
    let (late, error) = silence(&mut server).await;
    assert!(about(LINGER).contains(&late), "{late:?}");
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_being_answered_has_no_head_deadline() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    assert!(server.watch().request_began(false));
    tokio::time::advance(Duration::from_secs(600)).await;
    client.write_u8(b'x').await.unwrap();
    assert_eq!(server.read_u8().await.unwrap(), b'x');
}

#[tokio::test(start_paused = true)]
async fn dos_02_a_client_that_sends_no_more_is_taken_for_gone_after_a_while() {
    let (client, server) = tokio::io::duplex(64);
    let mut server = guarded(server);
    let watch = server.watch();
    assert!(watch.request_began(false));
    let is_gone = async || tokio::time::timeout(PARTING * 2, watch.client_gone()).await.is_ok();
    assert!(!is_gone().await);
    drop(client);
    assert_eq!(server.read(&mut [0; 64]).await.unwrap(), 0);
    assert!(tokio::time::timeout(PARTING / 2, watch.client_gone()).await.is_err());
    assert!(is_gone().await);
    assert!(is_gone().await, "the next request on the connection is told as well");
}

#[tokio::test(start_paused = true)]
async fn dos_02_a_client_whose_connection_breaks_is_gone_at_once() {
    let mut server = Guarded::new(Broken, &HttpSettings::default());
    let watch = server.watch();
    assert!(watch.request_began(false));
    assert_eq!(server.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert!(tokio::time::timeout(PARTING / 2, watch.client_gone()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn dos_08_little_is_taken_of_later_requests_until_the_answer_is_ready() {
    let (mut client, server) = tokio::io::duplex(4 * AHEAD);
    let mut server = guarded(server);
    let watch = server.watch();
    client.write_all(&vec![b'x'; 3 * AHEAD]).await.unwrap();
    assert!(watch.request_began(false));
    // The body may be longer.
    server.read_exact(&mut vec![0; 2 * AHEAD]).await.unwrap();
    watch.request_received();
    let mut received = 0;
    let mut rest = [0; 1024];
    while let Ok(read) = tokio::time::timeout(PARTING, server.read(&mut rest)).await {
        received += read.unwrap();
    }
    assert_eq!(received, AHEAD);
    let answer = async {
        tokio::task::yield_now().await;
        watch.request_ended(false);
    };
    // Who waits hears of the answer.
    client.write_u8(b'y').await.unwrap();
    let (read, ()) = tokio::join!(tokio::time::timeout(PARTING, server.read_u8()), answer);
    assert_eq!(read.unwrap().unwrap(), b'y');
}

#[tokio::test(start_paused = true)]
async fn dos_03_an_answer_that_is_not_read_ends_the_connection() {
    let (_client, server) = tokio::io::duplex(8);
    let mut server = guarded(server);
    let error = server.write_all(&[0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_answer_nothing_is_read_and_little_is_taken() {
    let (mut client, server) = tokio::io::duplex(16 * 1024);
    let mut server = guarded(server);
    assert!(server.watch().request_began(false));
    server.watch().request_ended(true);
    let flood = tokio::spawn(async move {
        let mut sent = 0;
        while client.write_all(&[b'x'; 8 * 1024]).await.is_ok() {
            sent += 8 * 1024;
        }
        sent
    });
    assert_eq!(server.read(&mut [0; 64]).await.unwrap(), 0);
    assert!(!server.watch().request_began(false));
    drop(server);
    assert!((LINGER_BYTES..LINGER_BYTES + 64 * 1024).contains(&flood.await.unwrap()));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_long_to_leave_is_not_ended_as_a_late_head() {
    let settings = HttpSettings { write_timeout: Duration::from_secs(600), ..HttpSettings::default() };
    let (mut client, server) = tokio::io::duplex(8);
    let mut server = Guarded::new(server, &settings);
    assert!(server.watch().request_began(false));
    server.watch().request_ended(false);
    let reader = tokio::spawn(async move {
        let mut received = vec![0; 64];
        for byte in &mut received {
            tokio::time::advance(Duration::from_secs(1)).await;
            *byte = client.read_u8().await.unwrap();
        }
        received
    });
    server.write_all(&[7; 64]).await.unwrap();
    server.flush().await.unwrap();
    assert_eq!(reader.await.unwrap(), vec![7; 64]);
}

/// A connection that may be given back, and where it is given back to.
fn lent(
    stream: tokio::io::DuplexStream,
) -> (Guarded<tokio::io::DuplexStream>, Returned<tokio::io::DuplexStream>) {
    let returned = Returned::default();
    (Guarded::lent(stream, None, returned.clone(), &HttpSettings::default()), returned)
}

/// Sends this, has it read by the server, and answers it.
async fn answered(
    client: &mut tokio::io::DuplexStream,
    server: &mut Guarded<tokio::io::DuplexStream>,
    bytes: &[u8],
    has_body: bool,
) {
    for part in bytes.chunks(3) {
        client.write_all(part).await.unwrap();
        let mut read = [0; 3];
        server.read_exact(&mut read[..part.len()]).await.unwrap();
    }
    assert!(server.watch().request_began(has_body));
    server.watch().request_ended(false);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_used_is_given_back_as_it_was() {
    let (mut client, server) = tokio::io::duplex(64);
    let (mut server, returned) = lent(server);
    answered(&mut client, &mut server, b"GET / HTTP/1.1\r\n\r\n", false).await;
    let begun = Instant::now();
    let (late, end) = silence(&mut server).await;
    assert!(about(TICK).contains(&late), "{late:?}");
    assert_eq!(end.unwrap(), 0, "its dispatcher takes it for ended");
    server.shutdown().await.unwrap();
    let Unused { mut stream, until } = returned.take().unwrap();
    assert_eq!(until, begun + HttpSettings::default().keep_alive);
    client.write_u8(b'G').await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'G');
    stream.write_u8(b'H').await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'H');
    assert_eq!(server.write_u8(b'x').await.unwrap_err().kind(), io::ErrorKind::NotConnected);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_used_is_not_given_back() {
    let (mut client, server) = tokio::io::duplex(64);
    let (mut server, returned) = lent(server);
    let is_quiet =
        async |server: &mut Guarded<_>| tokio::time::timeout(TICK * 2, server.read_u8()).await.is_err();
    // Before its first request, while one is answered, and when the head of the next one has begun.
    assert!(is_quiet(&mut server).await);
    assert!(server.watch().request_began(false));
    assert!(is_quiet(&mut server).await);
    answered(&mut client, &mut server, b"GET / HTTP/1.1\r\n\r\n", false).await;
    client.write_u8(b'G').await.unwrap();
    assert_eq!(server.read_u8().await.unwrap(), b'G');
    assert!(is_quiet(&mut server).await);
    server.shutdown().await.unwrap();
    assert!(returned.take().is_none());
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0, "it has ended");
}

#[tokio::test(start_paused = true)]
async fn web_07_nothing_is_given_back_of_which_somebody_may_have_read_more_than_they_used() {
    let HttpSettings { keep_alive, .. } = HttpSettings::default();
    for (bytes, has_body) in [
        // The next request has begun, in the same packet.
        (&b"GET / HTTP/1.1\r\n\r\nGET"[..], false),
        (b"GET / HTTP/1.1\r\n\r\nG", false),
        // A body, of which nobody knows here how far it was read.
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n\r\n\r\n", true),
        (b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n", true),
    ] {
        let (mut client, server) = tokio::io::duplex(64);
        let (mut server, returned) = lent(server);
        answered(&mut client, &mut server, bytes, has_body).await;
        let (late, end) = silence(&mut server).await;
        assert!(about(keep_alive).contains(&late), "{late:?}");
        assert_eq!(end.unwrap(), 0);
        server.shutdown().await.unwrap();
        assert!(returned.take().is_none());
    }
}

#[test]
fn the_last_bytes_are_those_that_were_read_last() {
    for (read, tail) in [("", "abcd"), ("e", "bcde"), ("efg", "defg"), ("efgh", "efgh"), ("efghi", "fghi")] {
        assert_eq!(tail_of(*b"abcd", read.as_bytes()), tail.as_bytes(), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_by_itself_is_not_given_back() {
    let (client, server) = tokio::io::duplex(64);
    let (mut server, returned) = lent(server);
    assert!(server.watch().request_began(false));
    server.watch().request_ended(false);
    drop(client);
    assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
    server.shutdown().await.unwrap();
    assert!(returned.take().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_read_already_comes_first() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut server = Guarded::lent(server, Some(b'G'), Returned::default(), &HttpSettings::default());
    let mut read = [0; 8];
    assert_eq!(server.read(&mut read).await.unwrap(), 1, "nobody waits for more");
    client.write_all(b"ET").await.unwrap();
    assert_eq!(server.read(&mut read[1..]).await.unwrap(), 2);
    assert_eq!(read.get(..3), Some(&b"GET"[..]));
    let mut server = Guarded::lent(client, Some(b'G'), Returned::default(), &HttpSettings::default());
    assert_eq!(server.read(&mut []).await.unwrap(), 0);
    assert_eq!(server.read_u8().await.unwrap(), b'G', "it is kept while nobody has room");
}
