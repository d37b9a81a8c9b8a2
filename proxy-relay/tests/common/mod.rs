//! Shared by the tests of the relay: pairs of streams, a relay between two of them, and content that can be
//! checked.
#![allow(dead_code, reason = "each test binary uses its share of this")]

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use proto_core::Protocol;
use proto_core::kernel::Kernel;
use proto_core::memory::{address, pair};
use proto_core::protocol::accept;
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_relay::{Control, Outcome, RelayTimeouts, Scratch, relay};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub(crate) type BoxedStream = Box<dyn Stream>;

/// What the streams of a test are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Memory,
    Tcp,
    Mptcp,
}

pub(crate) const ALL: [Transport; 3] = [Transport::Memory, Transport::Tcp, Transport::Mptcp];

/// Returns both ends of a connection, first the end that connected.
pub(crate) async fn connection(transport: Transport) -> (BoxedStream, BoxedStream) {
    match transport {
        Transport::Memory => {
            let (near, far) = pair(address("near"), address("far"));
            (Box::new(near), Box::new(far))
        }
        Transport::Tcp => over(proto_tcp::tcp4()).await,
        Transport::Mptcp => over(proto_mptcp::mptcp4()).await,
    }
}

async fn over(protocol: Arc<dyn Protocol>) -> (BoxedStream, BoxedStream) {
    let kernel = Kernel::detect();
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let bound = protocol.bind(BindSpec::new(any), &kernel).expect("loopback has a free port");
    let to = bound.address;
    let listener = bound.socket.listen().expect("a bound socket listens");
    let connector =
        protocol.connector(ServerSpec::new(to.clone()), &kernel).expect("it can connect").connector;
    let target = Target::new(to);
    let (near, far) = tokio::join!(connector.connect(&target), accept(&*listener));
    (near.expect("it listens"), far.expect("it connects").into_stream().expect("there is a runtime"))
}

/// A client and a server with the proxy's ends of their connections between them.
pub(crate) struct Wired {
    pub(crate) client: BoxedStream,
    pub(crate) server: BoxedStream,
    pub(crate) inner_client: BoxedStream,
    pub(crate) inner_server: BoxedStream,
}

pub(crate) async fn wired(client: Transport, server: Transport) -> Wired {
    let (client, inner_client) = connection(client).await;
    let (inner_server, server) = connection(server).await;
    Wired { client, server, inner_client, inner_server }
}

/// Relays between the inner ends until the relay ends, and closes them as the outcome demands.
pub(crate) async fn run(
    mut inner_client: BoxedStream,
    mut inner_server: BoxedStream,
    limits: RelayTimeouts,
    scratch: &Scratch,
    control: &Control,
) -> Outcome {
    let outcome = relay(&mut *inner_client, &mut *inner_server, &limits, scratch, control, None).await;
    outcome.close(inner_client, inner_server);
    outcome
}

/// Returns bytes that do not repeat at any distance by which a buffer could be off.
pub(crate) fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2) + 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

/// Reads everything up to the end of file.
pub(crate) async fn all(stream: &mut BoxedStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("ends in order");
    bytes
}

/// Waits for the end of a stream on which nothing comes, in order or by a reset: of a server that gets both, the transport
/// may report either.
pub(crate) async fn given_up(stream: &mut BoxedStream) {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes).await {
        use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
        assert!(matches!(error.kind(), ConnectionReset | BrokenPipe), "{error}");
    }
    assert_eq!(bytes, b"");
}

/// Sends and half-closes while it receives everything from the other side.
pub(crate) async fn exchange(stream: BoxedStream, bytes: &[u8]) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(stream);
    let mut received = Vec::new();
    let (sent, got) = tokio::join!(
        async {
            write.write_all(bytes).await?;
            write.shutdown().await
        },
        read.read_to_end(&mut received)
    );
    sent.expect("takes everything");
    got.expect("ends in order");
    received
}

/// Writes until bytes are stuck, as `is_stuck` reports, and nothing more is taken at that moment; returns how much
/// was taken.
pub(crate) async fn stuff(stream: &mut BoxedStream, is_stuck: impl Fn() -> bool) -> usize {
    let chunk = vec![7; 64 * 1024];
    let mut taken = 0;
    loop {
        let polled =
            std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *stream).poll_write(cx, &chunk))).await;
        match polled {
            Poll::Ready(n) => taken += n.expect("stays open"),
            Poll::Pending if is_stuck() => return taken,
            Poll::Pending => tokio::task::yield_now().await,
        }
    }
}

/// Returns whether bytes are stuck in a pipe.
pub(crate) fn in_pipe(scratch: &Scratch) -> bool {
    let pipes = scratch.pipe_statistics();
    pipes.open > pipes.idle
}
