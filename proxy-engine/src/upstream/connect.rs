//! One attempt to obtain a connection to a server, an existing one or a new one, within `timeout connect`.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use proto_core::address::Address;
use proto_core::error::{ConnectError, ConnectFailure, Step};
use proto_core::findings::Findings;
use proto_core::layer::{LayerError, Outgoing, connect_by};
use proto_core::options::SocketOption;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use proxy_health::ObservedEvent;
use tokio::time::{Instant, timeout};

use super::backend::Backend;
use super::behalf::Behalf;
use super::client_wait::{Downstream, wait};
use super::server::Server;
use crate::exchange::StreamRef;
use crate::observe::{Cause, Meter, Shortage, Stage, Termination};

/// The longest wait of a session without a descriptor for another session to end, before it tries again.
const RETRY: Duration = Duration::from_millis(100);
/// The longest wait for a descriptor in total, whatever the limit for connecting.
const LONGEST_SHORTAGE: Duration = Duration::from_secs(30);
/// The limit of a handshake without `timeout connect`: longer than any of them takes.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(60 * 60);
/// The time after which an attempt to connect also watches the client. Most attempts end sooner.
const UNWATCHED: Duration = Duration::from_millis(100);

/// There is no memory for a session with a server.
const NO_MEMORY: Termination = Termination::new(Cause::Resource, Stage::Connect);
const NO_PORT: Termination = Termination::new(Cause::Internal, Stage::Connect);

/// What the handshakes of a server's layers found out about a connection; `None` without layers.
pub(crate) type ServerFindings = Option<Arc<Findings>>;

/// A source of connections to servers.
pub(crate) trait Connections {
    /// A connection to a server.
    type Connection;

    /// Returns an existing connection of this worker to one of the addresses of a target, if there is one.
    fn existing(
        &mut self,
        cx: &mut Context<'_>,
        server: &Arc<Server>,
        target: &Target,
    ) -> Option<Self::Connection>;

    /// Obtains an existing connection from another worker, if one of them has any.
    async fn elsewhere(&mut self, server: &Arc<Server>, target: &Target) -> Option<Self::Connection>;

    /// Makes a connection of a new stream.
    fn established(
        &mut self,
        server: &Arc<Server>,
        address: &Address,
        stream: Box<dyn Stream>,
        findings: ServerFindings,
    ) -> Self::Connection;

    /// Returns the stream of a connection, for reading its state.
    fn look(connection: &Self::Connection) -> StreamRef<'_>;

    /// Returns the client that connections are made for, if servers of the backend are told about it.
    fn behalf(&self) -> Option<&Behalf>;

    /// Closes an idle connection, because descriptors or memory are short. Returns whether there was one.
    fn close_idle(&mut self) -> bool;
}

/// A source that makes a new connection each time.
#[derive(Debug)]
pub(crate) struct AlwaysNew {
    pub(crate) behalf: Option<Box<Behalf>>,
    /// What the handshakes of the connection found out.
    pub(crate) findings: ServerFindings,
}

impl Connections for AlwaysNew {
    type Connection = Box<dyn Stream>;

    fn existing(&mut self, _: &mut Context<'_>, _: &Arc<Server>, _: &Target) -> Option<Box<dyn Stream>> {
        None
    }

    async fn elsewhere(&mut self, _: &Arc<Server>, _: &Target) -> Option<Box<dyn Stream>> {
        None
    }

    fn established(
        &mut self,
        _: &Arc<Server>,
        _: &Address,
        stream: Box<dyn Stream>,
        findings: ServerFindings,
    ) -> Box<dyn Stream> {
        self.findings = findings;
        stream
    }

    fn look(stream: &Box<dyn Stream>) -> StreamRef<'_> {
        StreamRef::Own(&**stream)
    }

    fn behalf(&self) -> Option<&Behalf> {
        self.behalf.as_deref()
    }

    fn close_idle(&mut self) -> bool {
        false
    }
}

/// Makes one attempt. The outer error ends the session.
#[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
pub(super) fn attempt<C: Connections, D: Downstream>(
    backend: &Backend,
    server: &Arc<Server>,
    client: &mut D,
    connections: &mut C,
    meter: &RefCell<Meter>,
    shortage: &Shortage,
    now: Instant,
) -> impl Future<Output = Result<Result<C::Connection, ConnectFailure>, Termination>> {
    async move {
        // What the session has is not enough: it takes more with a connection to a server.
        if shortage.memory().is_spent() {
            return Err(meter.borrow_mut().unreachable(NO_MEMORY));
        }
        let limit = backend.timeouts().connect;
        let deadline = limit.and_then(|limit| now.checked_add(limit));
        let Some(target) = target(server, client, connections.behalf(), deadline) else {
            return Err(meter.borrow_mut().unreachable(NO_PORT));
        };
        meter.borrow_mut().trying(target.address.clone());
        if let Some(connection) = poll_fn(|cx| Poll::Ready(connections.existing(cx, server, &target))).await {
            meter.borrow_mut().reuses();
            note_reached(&*C::look(&connection), &target, meter);
            return Ok(Ok(connection));
        }
        let mut exhausted = None;
        // Boxed: the space is needed only until there is a connection.
        let outcome = Box::pin(async {
            let connecting = pin!(connect(connections, server, &target, meter, shortage, &mut exhausted));
            wait(client, connecting, deadline, now + UNWATCHED).await
        })
        .await;
        let error = match outcome {
            Ok(Ok(connection)) => {
                server.observe(ObservedEvent::Connected);
                return Ok(Ok(connection));
            }
            Ok(Err(error)) => error,
            Err(interrupted) => match (interrupted.by_client(Stage::Connect), exhausted) {
                (Some(termination), _) => return Err(termination),
                (None, Some(error)) => *error,
                (None, None) => ConnectError::timed_out(&target.address, limit.unwrap_or_default()),
            },
        };
        let failure = error.failure();
        if failure != ConnectFailure::Exhausted {
            server.observe(ObservedEvent::ConnectFailed);
        }
        let cause = match failure {
            ConnectFailure::TimedOut => Cause::ServerTimeout,
            ConnectFailure::Exhausted => Cause::Resource,
            _ => Cause::Server,
        };
        meter.borrow_mut().connect_failed(error, Termination::new(cause, Stage::Connect));
        Ok(Err(failure))
    }
}

/// Returns what to connect to, or `None` if there is no valid port.
fn target(
    server: &Server,
    client: &impl Downstream,
    behalf: Option<&Behalf>,
    deadline: Option<Instant>,
) -> Option<Target> {
    let address = server.address_for(|| client.destination())?;
    let options = client.server_options().to_vec();
    let alternatives = server.alternatives(&address);
    let client = match server.source_field() {
        Some(field) => behalf.and_then(|behalf| behalf.named_source(field, &address)),
        None => Some(client.source().clone()),
    };
    Some(Target { alternatives, deadline, client, options, ..Target::new(address) })
}

/// Obtains a connection from another worker, or makes a new one. If the process has run out of descriptors or memory, it waits
/// for other sessions to end; nothing is accepted meanwhile.
#[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
fn connect<'a, C: Connections>(
    connections: &'a mut C,
    server: &'a Arc<Server>,
    target: &'a Target,
    meter: &'a RefCell<Meter>,
    shortage: &'a Shortage,
    exhausted: &'a mut Option<Box<ConnectError>>,
) -> impl Future<Output = Result<C::Connection, ConnectError>> + 'a {
    async move {
        if let Some(connection) = connections.elsewhere(server, target).await {
            meter.borrow_mut().reuses();
            note_reached(&*C::look(&connection), target, meter);
            return Ok(connection);
        }
        // Boxed: few servers are reached through another host.
        let via = server.config().via.as_ref();
        let via = via.map(|via| Box::new(Target { address: via.clone(), ..target.clone() }));
        meter.borrow_mut().connecting();
        let mut starving = None;
        loop {
            let mut attempt = server.config().connector.connect(via.as_deref().unwrap_or(target));
            let connected = poll_fn(|cx| {
                let connected = attempt.as_mut().poll(cx);
                if connected.is_pending() {
                    // Only the first poll allocates a descriptor, so an attempt that waits for the server has one.
                    drop(starving.take());
                    *exhausted = None;
                }
                connected
            });
            match connected.await {
                Err(error) if error.failure() == ConnectFailure::Exhausted => {
                    if connections.close_idle() {
                        continue;
                    }
                    let (_, since) = starving.get_or_insert_with(|| (shortage.starve(), Instant::now()));
                    if since.elapsed() >= LONGEST_SHORTAGE {
                        return Err(error);
                    }
                    *exhausted = Some(Box::new(error));
                }
                Err(error) => return Err(error),
                Ok(stream) => {
                    drop(starving.take());
                    let address = note_reached(&*stream, target, meter);
                    let (stream, findings) = match server.config().layers.is_empty() {
                        true => (stream, None),
                        // Boxed: few servers have layers, and every session would have space for them.
                        false => {
                            Box::pin(layered(server, target, address, connections.behalf(), stream)).await?
                        }
                    };
                    return Ok(connections.established(server, address, stream, findings));
                }
            }
            // Boxed: it is rare, and every session would have space for it.
            let _ = Box::pin(timeout(RETRY, shortage.wait_for_end())).await;
        }
    }
}

/// Returns the address of the target that a connection leads to, and records it in the meter.
fn note_reached<'t>(stream: &dyn Stream, target: &'t Target, meter: &RefCell<Meter>) -> &'t Address {
    if target.alternatives.is_none() {
        return &target.address;
    }
    let address = target.reached(&stream.peer_addr());
    if *address != target.address {
        meter.borrow_mut().trying(address.clone());
    }
    address
}

/// Does the handshakes of a server's layers on a new connection to one of its addresses.
async fn layered(
    server: &Server,
    target: &Target,
    address: &Address,
    behalf: Option<&Behalf>,
    mut stream: Box<dyn Stream>,
) -> Result<(Box<dyn Stream>, ServerFindings), ConnectError> {
    let target = &target.only(address);
    let formats = behalf.map_or_else(Vec::new, |behalf| behalf.formats(server));
    let to = behalf.map_or_else(|| Outgoing::new(target), |behalf| behalf.outgoing(target, &formats));
    let mut findings = Findings::default();
    let deadline = Instant::now() + LONGEST_HANDSHAKE;
    // A connection whose handshake fails is reset, so that its port is free again at once.
    let _ = stream.set_option(&SocketOption::NoLinger);
    for layer in &server.config().layers {
        let connected = connect_by(deadline, LONGEST_HANDSHAKE, &**layer, stream, &to, &mut findings).await;
        stream = connected.map_err(|error| handshake_failed(&target.address, error))?;
    }
    if !server.config().resets {
        let _ = stream.set_option(&SocketOption::Linger);
    }
    Ok((stream, Some(Arc::new(findings))))
}

/// Turns the failure of a handshake into a failure to connect.
fn handshake_failed(address: &Address, error: LayerError) -> ConnectError {
    let kind = match &error {
        LayerError::TimedOut { .. } => io::ErrorKind::TimedOut,
        LayerError::Failed { source, .. } => source.kind(),
    };
    ConnectError::system(Step::Connect, address, io::Error::new(kind, error))
}
