//! What the handshakes of layers have found out about a connection.

use std::sync::{Arc, LazyLock};

use crate::address::Address;
use crate::layer::LayerError;
use crate::spec::Extensions;

/// What handshakes have found out. Those of all layers of a connection fill the same one.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The client, as somebody before this proxy has seen it.
    pub source: Option<Address>,
    /// The address that client connected to.
    pub destination: Option<Address>,
    /// The protocol that was agreed upon for what stands above.
    pub alpn: Option<Vec<u8>>,
    /// The handshake that failed, and why.
    pub error: Option<Arc<LayerError>>,
    /// Whatever else, by type: samples of the same crate take it from here.
    pub extensions: Extensions,
}

impl Findings {
    /// Whether nothing was found out.
    pub fn is_empty(&self) -> bool {
        let Findings { source, destination, alpn, error, extensions } = self;
        let is_told = source.is_some() || destination.is_some() || alpn.is_some() || error.is_some();
        !is_told && extensions.is_empty()
    }

    /// Those of a connection without layers.
    pub fn none() -> &'static Findings {
        static NONE: LazyLock<Findings> = LazyLock::new(Findings::default);
        &NONE
    }
}
