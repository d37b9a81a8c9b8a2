//! One attempt to get a connection to a server: one that is there already, or a new one, within `timeout connect`.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::error::{ConnectError, ConnectFailure, Step};
use proto_core::layer::LayerError;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use tokio::time::{Instant, timeout};

use super::backend::Backend;
use super::retry::left_while;
use super::server::Server;
use super::wait::{Downstream, Outcome, wait};
use crate::observe::{Cause, Meter, Shortage, Stage, Termination};

/// How long a session without a descriptor for its server waits for the end of another one before it looks again.
const RETRY: Duration = Duration::from_millis(100);
/// How long an attempt to connect goes on before the client is looked at meanwhile. Most end sooner.
const UNWATCHED: Duration = Duration::from_millis(100);

const NO_PORT: Termination = Termination::new(Cause::Internal, Stage::Connect);

/// Where connections to a server come from.
pub(crate) trait Connections {
    /// A connection to it.
    type Connection;

    /// A connection to that address of it which is there already.
    async fn existing(&mut self, server: &Arc<Server>, address: &Address) -> Option<Self::Connection>;

    /// Makes one of a new stream.
    fn established(
        &mut self,
        server: &Arc<Server>,
        address: &Address,
        stream: Box<dyn Stream>,
    ) -> Self::Connection;

    /// Closes an idle connection, for want of descriptors or memory. Whether there was any.
    fn close_idle(&mut self) -> bool;
}

/// A new connection each time.
#[derive(Debug)]
pub(crate) struct AlwaysNew;

impl Connections for AlwaysNew {
    type Connection = Box<dyn Stream>;

    async fn existing(&mut self, _: &Arc<Server>, _: &Address) -> Option<Box<dyn Stream>> {
        None
    }

    fn established(&mut self, _: &Arc<Server>, _: &Address, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        stream
    }

    fn close_idle(&mut self) -> bool {
        false
    }
}

/// One attempt. The outer error is the end of the session.
pub(super) async fn attempt<C: Connections>(
    backend: &Backend,
    server: &Arc<Server>,
    client: &mut impl Downstream,
    connections: &mut C,
    meter: &RefCell<Meter>,
    shortage: &Shortage,
    now: Instant,
) -> Result<Result<C::Connection, ConnectFailure>, Termination> {
    let Some(address) = server.address_for(|| client.destination()) else {
        return Err(meter.borrow_mut().unreachable(NO_PORT));
    };
    meter.borrow_mut().trying(address.clone());
    let target = Target { client: Some(client.source().clone()), ..Target::new(address) };
    let limit = backend.timeouts().connect;
    let deadline = limit.and_then(|limit| now.checked_add(limit));
    let mut exhausted = None;
    let outcome = {
        let connecting = pin!(connect(connections, server, &target, shortage, &mut exhausted));
        wait(client, connecting, deadline, now + UNWATCHED).await
    };
    let error = match outcome {
        Outcome::Done(Ok(connection)) => return Ok(Ok(connection)),
        Outcome::Done(Err(error)) => error,
        Outcome::Late => {
            exhausted.unwrap_or_else(|| ConnectError::timed_out(&target.address, limit.unwrap_or_default()))
        }
        Outcome::Left(left) => return Err(left_while(left, Stage::Connect)),
    };
    let failure = error.failure();
    let cause = match failure {
        ConnectFailure::TimedOut => Cause::ServerTimeout,
        ConnectFailure::Exhausted | ConnectFailure::NoLocalAddress => Cause::Resource,
        _ => Cause::Server,
    };
    meter.borrow_mut().connect_failed(error, Termination::new(cause, Stage::Connect));
    Ok(Err(failure))
}

/// A connection that is there, or a new one. If the process has run out of descriptors or memory it waits for the end of
/// other sessions; nothing is accepted meanwhile.
async fn connect<C: Connections>(
    connections: &mut C,
    server: &Arc<Server>,
    target: &Target,
    shortage: &Shortage,
    exhausted: &mut Option<ConnectError>,
) -> Result<C::Connection, ConnectError> {
    if let Some(connection) = connections.existing(server, &target.address).await {
        return Ok(connection);
    }
    let mut starving = None;
    loop {
        let mut attempt = server.config().connector.connect(target);
        // The first step takes what there may be none of; waiting for the server takes nothing more.
        let begun = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        let result = match begun {
            Poll::Ready(result) => result,
            Poll::Pending => {
                drop(starving.take());
                attempt.await
            }
        };
        match result {
            Err(error) if error.failure() == ConnectFailure::Exhausted => {
                if connections.close_idle() {
                    continue;
                }
                *exhausted = Some(error);
                starving.get_or_insert_with(|| shortage.starve());
                // Boxed: it hardly ever happens, and every session would have the room for it.
                let _ = Box::pin(timeout(RETRY, shortage.wait_for_end())).await;
            }
            Ok(stream) => {
                drop(starving.take());
                let stream = layered(server, target, stream).await?;
                return Ok(connections.established(server, &target.address, stream));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Puts the layers of a server on a new connection. Boxed: hardly any server has some, and every session would have the
/// room for them.
async fn layered(
    server: &Server,
    target: &Target,
    stream: Box<dyn Stream>,
) -> Result<Box<dyn Stream>, ConnectError> {
    if server.config().layers.is_empty() {
        return Ok(stream);
    }
    Box::pin(async {
        let mut stream = stream;
        for layer in &server.config().layers {
            stream = layer.apply(stream).await.map_err(|error| handshake_failed(&target.address, error))?;
        }
        Ok(stream)
    })
    .await
}

/// To a session, a server whose handshake fails is one that cannot be connected to.
fn handshake_failed(address: &Address, error: LayerError) -> ConnectError {
    let kind = match &error {
        LayerError::TimedOut { .. } => io::ErrorKind::TimedOut,
        LayerError::Failed { source, .. } => source.kind(),
    };
    ConnectError::system(Step::Connect, address, io::Error::new(kind, error))
}
