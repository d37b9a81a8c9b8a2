//! What a handshake is given, and its deadline.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Layer, LayerError};
use crate::address::Address;
use crate::findings::Findings;
use crate::spec::Target;
use crate::stream::Stream;

/// What a handshake with a server is given.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The attempt to connect: the server's address.
    pub target: &'a Target,
    /// The name that the server is known by, if its line has one.
    pub name: Option<&'a str>,
    /// The protocols that whoever stands above can speak, best first.
    pub alpn: &'a [&'a [u8]],
    /// On whose behalf; `None` for a connection of the proxy's own.
    pub client: Option<OnBehalf<'a>>,
}

/// The client for whom a server is connected to.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    /// Who it is.
    pub source: &'a Address,
    /// Where it connected to.
    pub destination: &'a Address,
    /// What the handshakes of its layers have found out.
    pub findings: &'a Findings,
    /// The unique ID of its session or exchange.
    pub unique_id: Option<&'a [u8]>,
    /// What the formats of the server's line gave, by the number that the layer knows each by.
    pub formats: &'a [(u8, &'a [u8])],
}

impl<'a> Outgoing<'a> {
    /// To a target of which nothing else is known.
    pub fn new(target: &'a Target) -> Outgoing<'a> {
        Outgoing { target, name: None, alpn: &[], client: None }
    }
}

/// [`Layer::accept`] with a deadline, which several layers may share. `limit` is what it was made of, for the error.
///
/// # Errors
/// As `accept`, and a time-out.
pub async fn accept_by(
    deadline: Instant,
    limit: Duration,
    layer: &dyn Layer,
    stream: Box<dyn Stream>,
    findings: &mut Findings,
) -> Result<Box<dyn Stream>, LayerError> {
    until(deadline, limit, layer, layer.accept(stream, findings)).await
}

/// [`Layer::connect`], likewise.
///
/// # Errors
/// As `connect`, and a time-out.
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

/// A handshake with a deadline: of those of one connection all may share it. `limit` is what it was made of, for the error.
///
/// # Errors
/// As the handshake, and a time-out.
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
