//! A transport that only records the calls that reach it, to be put below one that is built on another.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::address::Address;
use crate::descriptor::Descriptor;
use crate::error::{AcceptError, BindError, ConnectError, Refusal, Step, Warning};
use crate::info::{ConnectionInfo, PathEvent};
use crate::kernel::Kernel;
use crate::options::SocketOption;
use crate::protocol::{Bound, BoundSocket, Connectable, Connector, Incoming, Listener, Protocol};
use crate::spec::{BindSpec, ServerSpec, Settings, Target};
use crate::stream::{PathEvents, SpliceEnd, Stream, Support};

/// The recorded calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<Vec<&'static str>>>);

impl Calls {
    pub(super) fn note(&self, call: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    /// Returns whether a call was recorded since the previous query.
    pub(super) fn has(&self, call: &str) -> bool {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).contains(&call)
    }
}

/// An extension that the case puts on a line, to be recognised here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker;

/// A socket option that the case puts on a line.
pub(super) const OPTION: SocketOption = SocketOption::KeepAlive;

/// Returns the original destination of the stub's connections.
pub(super) fn original() -> Address {
    crate::memory::address("original")
}

/// Returns the client of the stub's connections.
pub(super) fn client() -> Address {
    crate::memory::address("client")
}

/// Returns the warning that the stub gives for each line.
pub(super) fn warning(protocol: &'static str) -> Warning {
    Warning { protocol, address: "the stub".to_owned(), message: "a warning of the stub".to_owned() }
}

/// The transport, with the descriptor of another one.
#[derive(Debug)]
pub(super) struct Stub {
    descriptor: Descriptor,
    calls: Calls,
}

impl Stub {
    pub(super) fn new(descriptor: Descriptor, calls: &Calls) -> Stub {
        Stub { descriptor, calls: calls.clone() }
    }

    fn line(&self, settings: &Settings, call: &'static str) {
        if settings.options.has(&OPTION) && settings.extensions.get::<Marker>().is_some() {
            self.calls.note(call);
        }
    }
}

impl Protocol for Stub {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn bind(&self, spec: BindSpec, _: &Kernel) -> Result<Bound, BindError> {
        self.line(&spec.settings, "bind with the settings of the line");
        if spec.share {
            self.calls.note("bind, shared");
        }
        if spec.socket.is_some() {
            self.calls.note("bind with a socket");
        }
        let null =
            File::open("/dev/null").map_err(|error| BindError::system(Step::Create, &spec.address, error))?;
        let socket =
            Socket { address: spec.address.clone(), null: Arc::new(null), calls: self.calls.clone() };
        let warnings = vec![warning(self.descriptor.name)];
        Ok(Bound { socket: Box::new(socket), address: spec.address, warnings })
    }

    fn connector(&self, spec: ServerSpec, _: &Kernel) -> Result<Connectable, ConnectError> {
        self.line(&spec.settings, "connector with the settings of the line");
        if spec.any_family {
            self.calls.note("connector, any family");
        }
        let connector = StubConnector { calls: self.calls.clone(), name: self.descriptor.name };
        Ok(Connectable { connector: Arc::new(connector), warnings: vec![warning(self.descriptor.name)] })
    }
}

#[derive(Debug)]
struct StubConnector {
    calls: Calls,
    name: &'static str,
}

#[async_trait]
impl Connector for StubConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        if target.data_ready && target.client == Some(client()) {
            self.calls.note("connect with the whole target");
        }
        Ok(Box::new(StubStream { peer: target.address.clone(), name: self.name, calls: self.calls.clone() }))
    }
}

/// A bound socket and a listener.
#[derive(Clone, Debug)]
struct Socket {
    address: Address,
    null: Arc<File>,
    calls: Calls,
}

impl BoundSocket for Socket {
    fn local_addr(&self) -> &Address {
        &self.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        self.calls.note("try_clone");
        Ok(Box::new(self.clone()))
    }

    fn publish(&self) -> Result<(), BindError> {
        self.calls.note("publish");
        Ok(())
    }

    fn hand_over(&self) {
        self.calls.note("hand_over");
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        self.calls.note("listen");
        Ok(self)
    }

    fn suspend(&self) -> Result<(), BindError> {
        self.calls.note("suspend");
        Err(BindError::refused(&self.address, Refusal::Policy("the stub cannot".to_owned())))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.calls.note("as_fd");
        Some(self.null.as_fd())
    }
}

impl Listener for Socket {
    fn local_addr(&self) -> &Address {
        &self.address
    }

    fn poll_accept(&self, _: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        self.calls.note("poll_accept");
        let stream = StubStream { peer: client(), name: "stub", calls: self.calls.clone() };
        Poll::Ready(Ok(Box::new(StubIncoming(stream))))
    }

    fn refuse_new(&self) -> bool {
        self.calls.note("refuse_new");
        true
    }

    fn expects_more(&self) -> bool {
        self.calls.note("expects_more");
        false
    }
}

#[derive(Debug)]
struct StubIncoming(StubStream);

impl Incoming for StubIncoming {
    fn peer_addr(&self) -> &Address {
        &self.0.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        self.0.calls.note("into_stream");
        Ok(Box::new(self.0))
    }
}

/// A stream that accepts all bytes and has none to read.
#[derive(Debug)]
struct StubStream {
    peer: Address,
    name: &'static str,
    calls: Calls,
}

impl AsyncRead for StubStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.calls.note("poll_read");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for StubStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.calls.note("poll_write");
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.calls.note("poll_write");
        Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.calls.note("poll_flush");
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.calls.note("poll_shutdown");
        Poll::Ready(Ok(()))
    }
}

impl PathEvents for StubStream {
    fn poll_event(&self, _: &mut Context<'_>) -> Poll<PathEvent> {
        self.calls.note("poll_event");
        Poll::Ready(PathEvent::Down { id: 7, error: None })
    }
}

impl Stream for StubStream {
    fn peer_addr(&self) -> Address {
        self.calls.note("peer_addr");
        self.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.calls.note("local_addr");
        original()
    }

    fn info(&self) -> ConnectionInfo {
        self.calls.note("info");
        ConnectionInfo::new(self.name)
    }

    fn abort(self: Box<Self>) {
        self.calls.note("abort");
    }

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        self.calls.note("set_option");
        Ok(Support::Partly("it is a stub"))
    }

    fn original_dst(&self) -> Option<Address> {
        self.calls.note("original_dst");
        Some(original())
    }

    fn has_ended(&self) -> bool {
        self.calls.note("has_ended");
        true
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        self.calls.note("detach");
        Ok(Box::new(StubIncoming(*self)))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        None
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        self.calls.note("path_events");
        Some(self)
    }
}
