//! Layers: what turns a stream into a stream, after a handshake or for as long as the connection lives.
//!
//! ```text
//!  lz+mptcp@host:port        transport ─► lz ─► whoever reads and writes
//!  a+b+tcp@host:port         transport ─► b ─► a ─► whoever reads and writes
//! ```
//!
//! * [`Layer`]: the trait. [`LayerEntry`]: how a crate registers one that an address can name.
//! * [`Filter`] and [`Wrapped`]: a layer that keeps touching bytes says what it does to them; the rest is forwarded.
//! * [`Prefixed`]: a stream with bytes put back before it, for a layer that steps aside after its handshake.

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

/// Layers of one address, at most.
pub const MOST_LAYERS: usize = 4;

/// Turns a stream into another one, perhaps after a handshake.
///
/// One value serves all connections of a line. Both calls run on the worker that the connection belongs to, and the
/// caller brings the deadline: dropping the future closes the stream.
#[async_trait]
pub trait Layer: fmt::Debug + Send + Sync {
    /// Its name, for errors and listings.
    fn name(&self) -> &'static str;

    /// Takes a connection that was accepted. What the handshake finds out goes into `findings`. A layer for servers
    /// only leaves this out.
    ///
    /// # Errors
    /// [`LayerError`]; the stream is closed.
    async fn accept(
        &self,
        stream: Box<dyn Stream>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let (_, _) = (stream, findings);
        Err(LayerError::wrong_side(self.name()))
    }

    /// Takes a connection that was made to a server. A layer for clients only leaves this out.
    ///
    /// # Errors
    /// [`LayerError`]; the stream is closed.
    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        to: &Outgoing<'_>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let (_, _, _) = (stream, to, findings);
        Err(LayerError::wrong_side(self.name()))
    }

    /// What logs and rules know a handshake by that took too long.
    fn timeout_code(&self) -> Option<LayerCode> {
        None
    }

    /// Whether it tells servers the unique ID of a session or exchange.
    fn tells_unique_id(&self) -> bool {
        false
    }

    /// What makes a connection to a server one that only serves whom it was made for, such as an address that the
    /// server was told: connections are used again where this is equal. `None` if they may serve anybody.
    fn identity(&self, to: &Outgoing<'_>) -> Option<Vec<u8>> {
        let _ = to;
        None
    }
}

/// A layer that an address can name: `lz+` before what it wraps.
#[derive(Clone, Copy)]
pub struct LayerEntry {
    /// The word, without its `+`. Letters, digits, `-` and `_`; no prefix may be called the same.
    pub name: &'static str,
    /// One line for listings.
    pub help: &'static str,
    /// Makes the layer of one line, once.
    ///
    /// # Errors
    /// [`Refusal::Policy`] when the settings of the line cannot be kept.
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
    /// What stands on it; values of the layer's own keywords are among the extensions.
    pub settings: &'a Settings,
}
