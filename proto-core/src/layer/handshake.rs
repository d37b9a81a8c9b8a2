//! The input of a handshake, and its deadline.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Layer, LayerError};
use crate::address::Address;
use crate::findings::Findings;
use crate::spec::Target;
use crate::stream::Stream;

/// The input of a handshake with a server.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The attempt to connect, with the server's address.
    pub target: &'a Target,
    /// The name of the server, if its line has one.
    pub name: Option<&'a str>,
    /// The protocols that the layers above and the application support, in order of preference.
    pub alpn: &'a [&'a [u8]],
    /// The client on whose behalf it connects; `None` for a connection of the proxy's own.
    pub client: Option<OnBehalf<'a>>,
}

/// The client on whose behalf the proxy connects to a server.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    /// The address of the client.
    pub source: &'a Address,
    /// The address to which it connected.
    pub destination: &'a Address,
    /// What the handshakes of its layers learned.
    pub findings: &'a Findings,
    /// The unique ID of the session or exchange.
    pub unique_id: Option<&'a [u8]>,
    /// The values of the formats on the server's line, by the number that the layer gave each.
    pub formats: &'a [(u8, &'a [u8])],
}

impl<'a> Outgoing<'a> {
    /// Returns the input for a target about which nothing else is known.
    pub fn new(target: &'a Target) -> Outgoing<'a> {
        Outgoing { target, name: None, alpn: &[], client: None }
    }
}

/// Calls [`Layer::accept`] with a deadline, which several layers may share. `limit` is the time that it was computed
/// from, for the error.
///
/// # Errors
/// Returns the errors of `accept`, and [`LayerError::TimedOut`] at the deadline.
pub async fn accept_by(
    deadline: Instant,
    limit: Duration,
    layer: &dyn Layer,
    stream: Box<dyn Stream>,
    findings: &mut Findings,
) -> Result<Box<dyn Stream>, LayerError> {
    until(deadline, limit, layer, layer.accept(stream, findings)).await
}

/// Calls [`Layer::connect`] with a deadline, as [`accept_by`] does.
///
/// # Errors
/// Returns the errors of `connect`, and [`LayerError::TimedOut`] at the deadline.
pub async fn connect_by(
    deadline: Instant,
    limit: Duration,
    layer: &dyn Layer,
    stream: Box<dyn Stream>,
    to: &Outgoing<'_>,
    findings: &mut Findings,
) -> Result<Box<dyn Stream>, LayerError> {
    until(deadline, limit, layer, layer.connect(stream, to, findings)).await
}

/// Runs a handshake with a deadline, which all handshakes of a connection may share. `limit` is the time that it was
/// computed from, for the error.
///
/// # Errors
/// Returns the errors of the handshake, and [`LayerError::TimedOut`] at the deadline.
pub async fn until(
    deadline: Instant,
    limit: Duration,
    layer: &dyn Layer,
    handshake: impl Future<Output = Result<Box<dyn Stream>, LayerError>>,
) -> Result<Box<dyn Stream>, LayerError> {
    timeout_at(deadline, handshake).await.unwrap_or_else(|_| Err(too_late(layer, limit)))
}

fn too_late(layer: &dyn Layer, limit: Duration) -> LayerError {
    LayerError::TimedOut { layer: layer.name(), code: layer.timeout_code(), limit }
}
