//! Formats of a server line whose values its layers send to the server.

use std::sync::Arc;

use proxy_config::Span;

use super::Format;

/// A format whose value is passed to a layer when the server is connected to.
#[derive(Clone, Debug)]
pub struct LayerFormat {
    /// The number by which the layer identifies it.
    pub number: u8,
    /// The format of the value.
    pub format: Arc<Format>,
    /// The place of the format in the configuration.
    pub span: Span,
}

/// The formats of a server line, in order; lines that inherit the same defaults share them.
#[derive(Clone, Debug, Default)]
pub struct LayerFormats(pub Vec<LayerFormat>);
