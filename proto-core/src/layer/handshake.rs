//! What a handshake is given, and its deadline.

use std::time::Duration;

use super::{Layer, LayerError};
use crate::findings::Findings;
use crate::spec::{Extensions, Target};
use crate::stream::Stream;

/// What a handshake with a server is given.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The attempt to connect that gave the stream.
    pub target: &'a Target,
    /// The name that the server is known by, if its line has one.
    pub name: Option<&'a str>,
    /// The protocols that whoever stands above can speak, best first.
    pub alpn: &'a [&'a [u8]],
    /// What the product has to tell the server of the client, by type.
    pub told: &'a Extensions,
}

impl<'a> Outgoing<'a> {
    /// To a target of which nothing else is known.
    pub fn new(target: &'a Target, told: &'a Extensions) -> Outgoing<'a> {
        Outgoing { target, name: None, alpn: &[], told }
    }
}

/// [`Layer::accept`] with a deadline.
///
/// # Errors
/// As `accept`, and a time-out.
pub async fn accept_within(
    layer: &dyn Layer,
    stream: Box<dyn Stream>,
    findings: &mut Findings,
    limit: Duration,
) -> Result<Box<dyn Stream>, LayerError> {
    match tokio::time::timeout(limit, layer.accept(stream, findings)).await {
        Ok(result) => result,
        Err(_) => Err(LayerError::TimedOut { layer: layer.name(), limit }),
    }
}
