//! Connections with the layer on both ends, and conversations over them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::bytes::pattern;
use super::super::harness::moving;
use super::wire::{End, Plan, Wire, wires};
use super::{LayerSubject, LayerTrait};
use crate::layer::{Findings, LayerError, Outgoing};
use crate::stream::Stream;

/// The lengths of the client's messages, in bytes; each is flushed before the next.
pub(super) const MESSAGES: [usize; 3] = [60, 1, 200];

/// Returns the client's messages.
pub(super) fn question() -> &'static [u8] {
    pattern(MESSAGES.iter().sum())
}

/// Returns the server's answer.
pub(super) fn answer() -> &'static [u8] {
    &pattern(1000)[500..620]
}

/// Performs the handshake of the accepting side.
pub(super) async fn accept(subject: &LayerSubject, wire: Wire) -> Result<Box<dyn Stream>, LayerError> {
    subject.accepting.accept(Box::new(wire), &mut Findings::default()).await
}

/// Performs the handshake of the connecting side.
pub(super) async fn connect(subject: &LayerSubject, wire: Wire) -> Result<Box<dyn Stream>, LayerError> {
    let to = Outgoing::new(&subject.target);
    subject.connecting.connect(Box::new(wire), &to, &mut Findings::default()).await
}

/// A connection with the layer on both ends.
pub(super) struct Pair {
    pub(super) client: Box<dyn Stream>,
    pub(super) server: Box<dyn Stream>,
    /// The end below the client.
    pub(super) client_end: End,
    /// The end below the server.
    pub(super) server_end: End,
}

impl Pair {
    pub(super) async fn new(subject: &LayerSubject) -> Pair {
        Pair::with(subject, Plan::PLAIN, Plan::PLAIN).await
    }

    pub(super) async fn with(subject: &LayerSubject, client: Plan, server: Plan) -> Pair {
        let ((client, client_end), (server, server_end)) = wires(client, server);
        let (client, server) = tokio::join!(connect(subject, client), accept(subject, server));
        let client = client.unwrap_or_else(|error| panic!("the handshake of the client fails: {error}"));
        let server = server.unwrap_or_else(|error| panic!("the handshake of the server fails: {error}"));
        moving();
        Pair { client, server, client_end, server_end }
    }
}

/// The bytes that one end read, and how reading ended.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    /// An end of file, or an error.
    pub(super) end: Result<(), String>,
}

/// Reads to an error, or to an end of file, which must stay one.
pub(super) async fn read_all(stream: &mut Box<dyn Stream>) -> Received {
    let (mut bytes, mut piece, mut ends) = (Vec::new(), [0; 4096], 0);
    loop {
        match stream.read(&mut piece).await {
            Ok(0) if ends == 1 => return Received { bytes, end: Ok(()) },
            Ok(0) => ends += 1,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            Err(error) => return Received { bytes, end: Err(error.to_string()) },
        }
    }
}

/// A conversation: the client sends its messages and ends its direction, the server answers and ends.
pub(super) struct Talk {
    /// What the server read, or the error of its handshake.
    pub(super) server: Result<Received, String>,
    /// What the client read, or the error of its handshake.
    pub(super) client: Result<Received, String>,
    /// The number of bytes written below the client by the end of its handshake, after each message, and after the
    /// end.
    pub(super) boundaries: Vec<usize>,
    /// All bytes below, to the server and to the client.
    pub(super) to_server: usize,
    pub(super) to_client: usize,
    /// The number of bytes written below the server by the end of its handshake.
    pub(super) server_handshake: usize,
}

pub(super) async fn talk(subject: &LayerSubject, client: Plan, server: Plan) -> Talk {
    let ((client, client_end), (server, server_end)) = wires(client, server);
    let half_close = subject.lacks(LayerTrait::HalfClose).is_none();
    let mut boundaries = Vec::new();
    let mut server_handshake = 0;
    let (sends, all_sent) = tokio::sync::oneshot::channel::<()>();
    let asks = async {
        let mut stream = connect(subject, client).await.map_err(|error| error.to_string())?;
        boundaries.push(client_end.seen().written);
        let mut rest = question();
        for length in MESSAGES {
            // A server whose handshake failed has already closed the connection.
            let _ = stream.write_all(&rest[..length]).await;
            let _ = stream.flush().await;
            rest = &rest[length..];
            boundaries.push(client_end.seen().written);
        }
        if half_close {
            let _ = stream.shutdown().await;
            boundaries.push(client_end.seen().written);
        }
        drop(sends);
        Ok(read_all(&mut stream).await)
    };
    let serves = async {
        let mut stream = accept(subject, server).await.map_err(|error| error.to_string())?;
        server_handshake = server_end.seen().written;
        let received = if half_close {
            read_all(&mut stream).await
        } else {
            let mut bytes = vec![0; question().len()];
            let end = stream.read_exact(&mut bytes).await.map(drop).map_err(|error| error.to_string());
            Received { bytes, end }
        };
        if received.end.is_ok() {
            let _ = stream.write_all(answer()).await;
            let _ = stream.flush().await;
            let _ = stream.shutdown().await;
        }
        // Not dropped before the client has sent everything, so that its boundaries are known.
        let _ = all_sent.await;
        Ok(received)
    };
    let (client, server) = tokio::join!(asks, serves);
    moving();
    let (to_server, to_client) = (client_end.seen().written, server_end.seen().written);
    Talk { server, client, boundaries, to_server, to_client, server_handshake }
}

impl Talk {
    /// Checks that both sides read everything.
    pub(super) fn expect_whole(&self, how: &str) {
        for (who, received, wanted) in
            [("server", &self.server, question()), ("client", &self.client, answer())]
        {
            match received {
                Ok(Received { bytes, end: Ok(()) }) if bytes == wanted => {}
                Ok(Received { bytes, end }) => {
                    panic!("{how}: the {who} read {} of {} bytes, then {end:?}", bytes.len(), wanted.len())
                }
                Err(error) => panic!("{how}: the handshake of the {who} fails: {error}"),
            }
        }
    }
}

/// Returns the places to try: all of them, or a sufficient number of a long text.
pub(super) fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(length / 400 + 1)
}
