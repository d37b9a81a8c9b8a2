//! Watches a client that is not served yet, and buffers what it sends.
//!
//! A limited number of bytes is kept for content rules, and put back before the stream. A client that closes without
//! having sent anything has left; one that has sent something and half-closed waits for the response, unless `option
//! abortonclose` says otherwise.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::layer::Prefixed;
use proto_core::options::SocketOption;
use proto_core::stream::Stream;
use proxy_relay::NoMemory;
use proxy_rules::{Buffered, Changes};
use tokio::io::ReadBuf;
use tokio::time::Instant;

use super::http_look::HttpLook;
use super::view::View;
use crate::balance::Requester;
use crate::connection::ClientConnection;
use crate::exchange::error::Departure;
use crate::exchange::pause::Pause;
use crate::upstream::client_wait::Downstream;

/// The most bytes kept of a client that is not served yet, as in HAProxy; more stay in the kernel's buffers.
const KEPT: usize = 16 * 1024;
/// The most bytes per read, into a buffer on the stack.
const READ: usize = 4096;

/// The most bytes that are discarded of a client that is not served: more than a socket buffers by default.
const MOST_DRAINED: usize = 8 << 20;

/// The options of a connection to a server to which bytes are sent at once: these also acknowledge the server's answer,
/// which saves a packet.
const SENDS_AT_ONCE: [SocketOption; 1] = [SocketOption::DelayAck];

/// A client that is not served yet.
#[derive(Debug)]
pub(crate) struct WaitingClient<'c> {
    connection: &'c ClientConnection,
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    /// The most bytes that are kept.
    limit: usize,
    /// The detector of a request of HTTP, while there are rules that look at one.
    http: Option<Box<HttpLook>>,
    /// The changes that rules have made.
    changes: Option<Box<Changes>>,
    has_finished: bool,
    /// Whether it has left once it has finished: `option abortonclose`.
    aborts: bool,
    /// The key by which its server is chosen.
    key: Option<Vec<u8>>,
    active: Instant,
    pause: Pause,
}

impl<'c> WaitingClient<'c> {
    pub(crate) fn new(connection: &'c ClientConnection, stream: Box<dyn Stream>) -> WaitingClient<'c> {
        let active = connection.status.established().since;
        WaitingClient {
            connection,
            stream,
            received: Vec::new(),
            limit: KEPT,
            http: None,
            changes: None,
            has_finished: false,
            aborts: false,
            key: None,
            active,
            pause: Pause::default(),
        }
    }

    pub(crate) fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    /// Returns the bytes that the client has sent.
    pub(crate) fn received(&self) -> &[u8] {
        &self.received
    }

    /// Returns the view that rules have of the client: its bytes, and the request if they are one and the rules may look
    /// at it.
    ///
    /// # Errors
    /// Returns an error if there is no memory for the request.
    pub(super) fn view(&mut self, may_grow: bool, reads_request: bool) -> Result<View<'_>, NoMemory> {
        let request = Some(Buffered { bytes: &self.received, may_grow });
        let view = View { request, ..View::of(&*self.stream) };
        let frontend = &self.connection.frontend;
        if !reads_request && !frontend.unique_id_reads_request {
            return Ok(view);
        }
        if self.received.is_empty() {
            return Ok(View { request_is_coming: may_grow, ..view });
        }
        let http = self.http.get_or_insert_with(|| Box::new(HttpLook::new(frontend.policy.request_limits)));
        http.look(&self.received, &self.connection.worker.memory)?;
        Ok(View { request_is_coming: may_grow && http.is_undecided(), http: http.request(), ..view })
    }

    /// Sets the key by which its server is chosen.
    pub(super) fn choose_by(&mut self, key: Option<Vec<u8>>) {
        self.key = key;
    }

    /// Drops the request: no further rules look at it.
    pub(super) fn forget_request(&mut self) {
        self.http = None;
    }

    /// Returns whether more bytes may arrive and be kept.
    pub(crate) fn may_send_more(&self) -> bool {
        !self.has_finished && self.received.len() < self.limit
    }

    /// Returns whether bytes that nobody looks at stay in the kernel's buffer.
    fn is_paused(&self) -> bool {
        self.connection.worker.memory.budget().is_scarce()
    }

    /// Sets the most bytes that are kept.
    pub(crate) fn keep(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Sets whether it has left once it has finished.
    pub(super) fn abort_on_close(&mut self, aborts: bool) {
        self.aborts = aborts;
    }

    /// Reads and discards what has arrived, so that closing the connection does not reset it.
    pub(super) async fn drain(&mut self) {
        // Lets the runtime poll the socket first.
        tokio::task::yield_now().await;
        poll_fn(|cx| {
            let mut buffer = self.connection.worker.scratch.borrow(READ);
            for _ in 0..MOST_DRAINED / READ {
                let mut buffer = ReadBuf::new(&mut buffer[..READ]);
                let read = Pin::new(&mut *self.stream).poll_read(cx, &mut buffer);
                if !matches!(read, Poll::Ready(Ok(()))) || buffer.filled().is_empty() {
                    break;
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Applies the changes that rules have made, such as to the client's address.
    pub(crate) fn change(&mut self, changes: &Changes) {
        self.changes = Some(Box::new(changes.clone()));
    }

    /// Returns the connection, with the bytes that were read put back.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        let (stream, received) = self.into_parts();
        Prefixed::new(received, stream)
    }

    /// Returns the connection, and the bytes that were read.
    pub(crate) fn into_parts(self) -> (Box<dyn Stream>, Vec<u8>) {
        (self.stream, self.received)
    }

    /// Reads all that has arrived already, up to the limit, unless something was read before.
    pub(crate) async fn look(&mut self) -> io::Result<()> {
        if !self.has_finished && self.received.is_empty() {
            // Lets the runtime poll the socket first.
            tokio::task::yield_now().await;
        }
        self.look_now().await.map(drop)
    }

    /// Reads what has arrived as far as the runtime knows, up to the limit, unless something was read before. Returns
    /// whether there is anything to look at, which may be the end.
    pub(crate) async fn look_now(&mut self) -> io::Result<bool> {
        if !self.has_finished && self.received.is_empty() {
            poll_fn(|cx| {
                while self.may_send_more() {
                    match self.poll_more(cx) {
                        Poll::Ready(read) => read?,
                        Poll::Pending => break,
                    }
                }
                Poll::Ready(io::Result::Ok(()))
            })
            .await?;
        }
        Ok(self.has_finished || !self.received.is_empty())
    }

    /// Waits until bytes have arrived or the client has finished. To be called only while [more may
    /// arrive](Self::may_send_more). Fails if there is no memory for more.
    pub(crate) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [const { MaybeUninit::uninit() }; READ];
        let memory = &self.connection.worker.memory;
        let room = READ.min(self.limit.saturating_sub(self.received.len()));
        let room = room.min(memory.budget().room(&self.received));
        let mut buffer = ReadBuf::uninit(&mut bytes[..room]);
        ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer))?;
        match buffer.filled() {
            [] => self.has_finished = true,
            bytes => {
                memory.append(&mut self.received, bytes)?;
                self.active = Instant::now();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Downstream for WaitingClient<'_> {
    fn source(&self) -> &Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or_else(|| self.connection.status.source())
    }

    fn destination(&self) -> Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.destination.as_ref());
        changed.unwrap_or_else(|| self.connection.destination(&*self.stream)).clone()
    }

    fn server_options(&self) -> &[SocketOption] {
        match &self.changes {
            Some(changes) if !changes.server_options.is_empty() => &changes.server_options,
            _ if self.received.is_empty() => &[],
            _ => &SENDS_AT_ONCE,
        }
    }

    fn requester(&self) -> Requester<'_> {
        let client = self.source().known_as().map(|inet| inet.ip());
        Requester { client, request: None, key: self.key.as_deref() }
    }

    /// There is no limit for a client that has finished, or whose further bytes are not read.
    fn silence_ends(&self) -> Option<Instant> {
        let limit = self.connection.inactivity().filter(|_| self.may_send_more() && !self.is_paused());
        limit.and_then(|limit| self.active.checked_add(limit))
    }

    fn poll_departure(&mut self, cx: &mut Context<'_>) -> Poll<Departure> {
        while self.may_send_more() {
            ready!(self.pause.poll(cx, self.connection.worker.memory.budget(), &*self.stream));
            match self.poll_more(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::OutOfMemory => {
                    return Poll::Ready(Departure::NoMemory);
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Departure::Broke),
                Poll::Ready(Ok(())) if self.has_finished && self.received.is_empty() => {
                    return Poll::Ready(Departure::Closed);
                }
                Poll::Ready(Ok(())) => {}
            }
        }
        if self.aborts && self.has_finished { Poll::Ready(Departure::Closed) } else { Poll::Pending }
    }
}
