//! A filter above a stream: the bytes that it changes, what is forwarded, and what moves to another worker.

use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::address::Address;
use crate::info::{ConnectionInfo, PathEvent};
use crate::memory::{MemoryTransport, address};
use crate::options::SocketOption;
use crate::protocol::{Incoming, Protocol, accept};
use crate::spec::{BindSpec, ServerSpec, Target};
use crate::stream::{PathEvents, SpliceEnd, Support};

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Adds a number to each of the first bytes in each direction, and then passes bytes unchanged.
#[derive(Debug)]
struct Shift {
    by: u8,
    /// The number of bytes still to change, of those read and of those written.
    left: [usize; 2],
}

impl Filter for Shift {
    fn name(&self) -> Option<&'static str> {
        Some("shift")
    }

    fn poll_read(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut part = buf.take(self.left[0]);
        ready!(Pin::new(below).poll_read(cx, &mut part))?;
        part.filled_mut().iter_mut().for_each(|byte| *byte = byte.wrapping_sub(self.by));
        let read = part.filled().len();
        self.left[0] -= read;
        let filled = buf.filled().len() + read;
        // The part is the beginning of the unfilled space, and this much of it is initialised.
        buf.initialize_unfilled_to(read);
        buf.set_filled(filled);
        Poll::Ready(Ok(()))
    }

    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = bufs.iter().flat_map(|buf| buf.iter()).take(self.left[1]);
        let shifted: Vec<u8> = bytes.map(|byte| byte.wrapping_add(self.by)).collect();
        let written = ready!(Pin::new(below).poll_write(cx, &shifted))?;
        self.left[1] -= written;
        Poll::Ready(Ok(written))
    }

    fn is_done_reading(&self) -> bool {
        self.left[0] == 0
    }

    fn is_done_writing(&self) -> bool {
        self.left[1] == 0
    }
}

/// Returns both ends of a connection in memory.
async fn pair() -> (Box<dyn Stream>, Box<dyn Stream>) {
    let (network, kernel) = (MemoryTransport::default(), crate::kernel::Kernel::detect());
    let bound = network.bind(BindSpec::new(address("here")), &kernel).unwrap();
    let listener = bound.socket.listen().unwrap();
    let connector = network.connector(ServerSpec::new(address("here")), &kernel).unwrap().connector;
    let target = Target::new(address("here"));
    let (client, server) = tokio::join!(connector.connect(&target), accept(&*listener));
    (client.unwrap(), server.unwrap().into_stream().unwrap())
}

fn shifted(stream: Box<dyn Stream>, left: [usize; 2]) -> Box<dyn Stream> {
    Box::new(Wrapped::new(Shift { by: 1, left }, stream))
}

#[tokio::test]
async fn a_filter_changes_its_bytes_and_then_nothing() {
    let (mut client, server) = pair().await;
    let mut server = shifted(server, [3, 4]);
    assert_eq!(server.info().carriers().to_string(), "shift over memory");
    client.write_all(b"bcdefg").await.unwrap();
    let mut read = [0; 6];
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"abcefg");
    assert_eq!(server.info().carriers().to_string(), "shift over memory");
    server.write_all(b"abcdef").await.unwrap();
    client.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"bcdeef");
    assert_eq!(server.info().carriers().to_string(), "memory");
}

#[tokio::test]
async fn layers_are_named_from_the_outside() {
    let (_client, server) = pair().await;
    let named = Prefixed::new(b"x".to_vec(), shifted(shifted(server, [1, 0]), [1, 1]));
    assert_eq!(named.info().carriers().to_string(), "shift over shift over memory");
}

#[tokio::test]
async fn the_state_of_a_filter_moves_to_another_worker() {
    let (mut client, server) = pair().await;
    let mut server = shifted(server, [3, 0]);
    client.write_all(b"bcd").await.unwrap();
    let mut read = [0; 1];
    server.read_exact(&mut read).await.unwrap();
    let incoming = server.detach().unwrap();
    assert_eq!(*incoming.peer_addr(), client.local_addr());
    let mut server = incoming.into_stream().unwrap();
    client.write_all(b"d").await.unwrap();
    let mut read = [0; 3];
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"bcd", "two bytes were still to be changed");
}

/// Records the calls of its methods.
#[derive(Debug, Default)]
struct Recorder {
    calls: Arc<std::sync::Mutex<Vec<&'static str>>>,
}

impl Recorder {
    fn note(&self, call: &'static str) {
        self.calls.lock().unwrap().push(call);
    }
}

impl AsyncRead for Recorder {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.note("read");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        self.note("write");
        Poll::Ready(Ok(1))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.note("write vectored");
        Poll::Ready(Ok(1))
    }

    fn is_write_vectored(&self) -> bool {
        self.note("is vectored");
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.note("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.note("shut down");
        Poll::Ready(Ok(()))
    }
}

impl Stream for Recorder {
    fn peer_addr(&self) -> Address {
        self.note("peer");
        address("peer")
    }

    fn local_addr(&self) -> Address {
        self.note("local");
        address("local")
    }

    fn info(&self) -> ConnectionInfo {
        self.note("info");
        ConnectionInfo::new("recorder")
    }

    fn abort(self: Box<Self>) {
        self.note("abort");
    }

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        self.note("option");
        Ok(Support::Supported)
    }

    fn original_dst(&self) -> Option<Address> {
        self.note("original");
        Some(address("original"))
    }

    fn has_ended(&self) -> bool {
        self.note("ended");
        true
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        self.note("detach");
        Err(io::Error::other("it stays"))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        self.note("splice read");
        Some(self)
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        self.note("splice write");
        Some(self)
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        self.note("paths");
        Some(self)
    }
}

impl PathEvents for Recorder {
    fn poll_event(&self, _: &mut Context<'_>) -> Poll<PathEvent> {
        Poll::Pending
    }
}

impl SpliceEnd for Recorder {
    fn fd(&self) -> BorrowedFd<'_> {
        static STDIN: std::sync::LazyLock<io::Stdin> = std::sync::LazyLock::new(io::stdin);
        STDIN.as_fd()
    }

    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn try_read_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        call()
    }

    fn try_write_with(&self, call: &mut dyn FnMut() -> io::Result<usize>) -> io::Result<usize> {
        call()
    }
}

#[tokio::test]
async fn everything_that_a_filter_does_not_change_is_forwarded() {
    let calls = Arc::default();
    let below = || Box::new(Recorder { calls: Arc::clone(&calls) }) as Box<dyn Stream>;
    let recorded = || std::mem::take(&mut *calls.lock().unwrap());
    let option = SocketOption::KeepAlive;

    let mut stream = shifted(below(), [0, 0]);
    assert_eq!(stream.peer_addr(), address("peer"));
    assert_eq!(stream.local_addr(), address("local"));
    assert_eq!(stream.info().transport, "recorder");
    assert_eq!(stream.original_dst(), Some(address("original")));
    assert_eq!(stream.set_option(&option).unwrap(), Support::Supported);
    assert!(stream.is_write_vectored());
    assert!(stream.splice_read().is_some());
    assert!(stream.splice_write().is_some());
    assert!(stream.path_events().is_some());
    assert_eq!(
        recorded(),
        [
            "peer",
            "local",
            "info",
            "original",
            "option",
            "is vectored",
            "splice read",
            "splice write",
            "paths"
        ]
    );
    let slices = [IoSlice::new(b"a"), IoSlice::new(b"b")];
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(stream.write(b"a").await.unwrap(), 1);
    assert_eq!(stream.write_vectored(&slices).await.unwrap(), 1);
    stream.flush().await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(recorded(), ["read", "write", "write vectored", "flush", "shut down"]);
    assert_eq!(stream.detach().unwrap_err().to_string(), "it stays");
    shifted(below(), [9, 9]).abort();
    assert_eq!(recorded(), ["detach", "abort"]);

    // While the filter changes bytes, none may bypass it; flushing and shutting down are the filter's.
    let mut stream = shifted(below(), [9, 9]);
    assert!(stream.splice_read().is_none());
    assert!(stream.splice_write().is_none());
    assert!(stream.is_write_vectored(), "a filter takes all slices at once");
    stream.flush().await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(stream.write_vectored(&slices).await.unwrap(), 1);
    assert_eq!(recorded(), ["flush", "shut down", "write"]);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_a_deadline() {
    /// A layer that waits for a byte from the client.
    #[derive(Debug)]
    struct Greeting;

    #[async_trait]
    impl Layer for Greeting {
        fn name(&self) -> &'static str {
            "greeting"
        }

        async fn accept(
            &self,
            mut stream: Box<dyn Stream>,
            findings: &mut Findings,
        ) -> Result<Box<dyn Stream>, LayerError> {
            let byte = stream.read_u8().await.map_err(|error| LayerError::failed(self.name(), error))?;
            findings.alpn = Some(vec![byte]);
            Ok(stream)
        }

        async fn connect(
            &self,
            stream: Box<dyn Stream>,
            _: &Outgoing<'_>,
            _: &mut Findings,
        ) -> Result<Box<dyn Stream>, LayerError> {
            Ok(stream)
        }
    }

    let limit = std::time::Duration::from_secs(3);
    let (mut client, server) = pair().await;
    client.write_all(b"h").await.unwrap();
    let mut findings = Findings::default();
    accept_by(tokio::time::Instant::now() + limit, limit, &Greeting, server, &mut findings).await.unwrap();
    assert_eq!(findings.alpn.as_deref(), Some(&b"h"[..]));

    let (client, server) = pair().await;
    let late = accept_by(tokio::time::Instant::now() + limit, limit, &Greeting, server, &mut findings)
        .await
        .unwrap_err();
    assert_eq!(late.to_string(), "greeting: no answer within 3s");
    drop(client);

    let (client, server) = pair().await;
    drop(client);
    let failed = accept_by(tokio::time::Instant::now() + limit, limit, &Greeting, server, &mut findings)
        .await
        .unwrap_err();
    assert_eq!(failed.to_string(), "greeting: unexpected end of file");
    assert_eq!((failed.layer(), failed.code()), ("greeting", None));
}
