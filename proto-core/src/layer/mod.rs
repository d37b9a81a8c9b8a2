//! Layers: streams made of other streams, either only for a handshake or for the life of the connection.
//!
//! ```text
//!  lz+mptcp@host:port        transport ─► lz ─► the caller
//!  a+b+tcp@host:port         transport ─► b ─► a ─► the caller
//! ```
//!
//! * [`Layer`]: the trait. [`LayerEntry`]: how a crate registers one that an address can name.
//! * [`Filter`] and [`Wrapped`]: a layer that changes bytes for the life of the connection; everything else is
//!   forwarded.
//! * [`Prefixed`]: a stream with bytes put back in front of it, for a layer that only has a handshake.

mod error;
mod filter;
mod handshake;
mod prefixed;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use self::error::{LayerCode, LayerError};
pub use self::filter::{Filter, Wrapped, WrappedIncoming};
pub use self::handshake::{OnBehalf, Outgoing, accept_by, connect_by, until};
pub use self::prefixed::Prefixed;
use crate::error::Refusal;
use crate::extension::Scope;
pub use crate::findings::Findings;
use crate::spec::Settings;
use crate::stream::Stream;

/// The highest number of layers of one address.
pub const MOST_LAYERS: usize = 4;

/// Makes a stream of another stream, possibly after a handshake.
///
/// One value serves all connections of a line. Both calls run on the connection's worker, and the caller provides the
/// deadline: dropping the future closes the stream.
#[async_trait]
pub trait Layer: fmt::Debug + Send + Sync {
    /// Returns its name, for errors and listings.
    fn name(&self) -> &'static str;

    /// Wraps a connection that was accepted, and stores in `findings` what the handshake learned. A layer for servers
    /// only does not implement it.
    ///
    /// # Errors
    /// Returns a [`LayerError`]; the stream is then closed.
    async fn accept(
        &self,
        stream: Box<dyn Stream>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let (_, _) = (stream, findings);
        Err(LayerError::wrong_side(self.name()))
    }

    /// Wraps a connection that was made to a server. A layer for clients only does not implement it.
    ///
    /// # Errors
    /// Returns a [`LayerError`]; the stream is then closed.
    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        to: &Outgoing<'_>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let (_, _, _) = (stream, to, findings);
        Err(LayerError::wrong_side(self.name()))
    }

    /// Returns the code of a handshake that timed out, in logs and rules.
    fn timeout_code(&self) -> Option<LayerCode> {
        None
    }

    /// Returns whether it sends servers the unique ID of a session or exchange.
    fn tells_unique_id(&self) -> bool {
        false
    }

    /// Returns what restricts a connection to a server to the client it was made for, such as an address that was sent
    /// to the server: a connection is reused only for an equal value. `None` if it may be reused for any client.
    fn identity(&self, to: &Outgoing<'_>) -> Option<Vec<u8>> {
        let _ = to;
        None
    }
}

/// A layer that an address can name, as in `lz+`.
#[derive(Clone, Copy)]
pub struct LayerEntry {
    /// The word, without its `+`: letters, digits, `-` and `_`. It must not be the word of a prefix.
    pub name: &'static str,
    /// One line of help for listings.
    pub help: &'static str,
    /// Makes the layer of one line, once.
    ///
    /// # Errors
    /// Returns [`Refusal::Policy`] if the layer cannot follow the settings of the line.
    pub make: fn(&LayerSpec<'_>) -> Result<Arc<dyn Layer>, Refusal>,
}

impl fmt::Debug for LayerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LayerEntry({:?})", self.name)
    }
}

/// The line that a layer is made for.
#[derive(Clone, Copy, Debug)]
pub struct LayerSpec<'a> {
    /// [`Scope::Bind`] or [`Scope::Server`].
    pub line: Scope,
    /// The settings of the line; values of the layer's own keywords are among the extensions.
    pub settings: &'a Settings,
}
