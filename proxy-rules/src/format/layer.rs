//! Formats of a server line: what its layers tell the server of the client's session or exchange.

use std::sync::Arc;

use proxy_config::Span;

use super::Format;

/// A format whose value a layer is given when a server is connected to.
#[derive(Clone, Debug)]
pub struct LayerFormat {
    /// The number that the layer knows it by.
    pub number: u8,
    /// What the value consists of.
    pub format: Arc<Format>,
    /// Where it stands.
    pub span: Span,
}

/// Those of a server line, in order; lines that take over the same defaults share theirs.
#[derive(Clone, Debug, Default)]
pub struct LayerFormats(pub Vec<LayerFormat>);
