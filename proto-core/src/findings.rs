//! What the handshakes of layers learned about a connection.

use std::sync::{Arc, LazyLock};

use crate::address::Address;
use crate::layer::LayerError;
use crate::spec::Extensions;

/// What handshakes learned. All layers of a connection fill the same value.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The client's address, as a proxy in front of this one reported it.
    pub source: Option<Address>,
    /// The address to which that client connected.
    pub destination: Option<Address>,
    /// The protocol negotiated for the layers above and the application.
    pub alpn: Option<Vec<u8>>,
    /// The error of the handshake that failed.
    pub error: Option<Arc<LayerError>>,
    /// Other facts, by type: samples of the same crate read them here.
    pub extensions: Extensions,
}

impl Findings {
    /// Returns whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        let Findings { source, destination, alpn, error, extensions } = self;
        let has_fact = source.is_some() || destination.is_some() || alpn.is_some() || error.is_some();
        !has_fact && extensions.is_empty()
    }

    /// Returns the findings of a connection without layers.
    pub fn none() -> &'static Findings {
        static NONE: LazyLock<Findings> = LazyLock::new(Findings::default);
        &NONE
    }
}
