//! One end of a conversation in PostgreSQL's protocol: its frames, whole.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Four bytes of length, which count themselves.
const LENGTH: usize = 4;

/// A message as it is on the wire: a byte of type, four of length, a body.
pub(super) struct Frame(Bytes);

impl Frame {
    pub(super) fn kind(&self) -> u8 {
        self.0[0]
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.0[1 + LENGTH..]
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A socket, and what was read from it and is not yet a whole frame.
pub(super) struct Wire {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::new() })
    }

    /// The next frame. May be given up at any time: nothing of it is lost.
    pub(super) async fn next(&mut self) -> io::Result<Frame> {
        loop {
            if let Some(frame) = self.read() {
                return Ok(frame);
            }
            self.fill().await?;
        }
    }

    /// The next frame, if all of it is here already.
    pub(super) fn read(&mut self) -> Option<Frame> {
        self.whole(1).map(Frame)
    }

    /// The next packet of a connection that begins: it has no type.
    pub(super) async fn start_up(&mut self) -> io::Result<Bytes> {
        loop {
            if let Some(packet) = self.whole(0) {
                return Ok(packet);
            }
            self.fill().await?;
        }
    }

    /// Reads whatever comes next; an end of the stream is an error. May be given up at any time.
    pub(super) async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Reads until the other end is gone, and never ends before.
    pub(super) async fn until_gone(&mut self) {
        while self.fill().await.is_ok() {}
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Says that nothing more will be sent (FIN).
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Lets the socket's end be an error for the other end (RST), and loses what is on its way.
    pub(super) fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    fn whole(&mut self, before_length: usize) -> Option<Bytes> {
        let length = self.buffer.get(before_length..before_length + LENGTH)?.try_into().unwrap();
        let size = before_length + u32::from_be_bytes(length) as usize;
        (self.buffer.len() >= size).then(|| self.buffer.split_to(size).freeze())
    }
}
