//! The errors of a layer's handshake.

use std::io;
use std::time::Duration;

/// The reason why a handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A handshake that was still running at its deadline.
    #[error("{layer}: no answer within {limit:?}")]
    TimedOut {
        /// The name of the layer.
        layer: &'static str,
        /// The code of the failure in logs and rules, if the layer has such codes.
        code: Option<LayerCode>,
        /// The time that the handshake was given.
        limit: Duration,
    },
    /// A failure of the stream below, or a peer that violated the protocol.
    #[error("{layer}: {source}")]
    Failed {
        /// The name of the layer.
        layer: &'static str,
        /// The code of the failure in logs and rules, if the layer has such codes.
        code: Option<LayerCode>,
        /// The system's error, or what was wrong with the bytes from the peer.
        source: io::Error,
    },
}

/// The number and name that HAProxy's language gives to a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerCode {
    /// The number; 0 means no error and is not used for a failure.
    pub number: u16,
    /// The name, in upper case.
    pub name: &'static str,
    /// The description.
    pub text: &'static str,
    /// Whether the peer closed the connection without sending anything, which is common for health checks and port
    /// scans.
    pub is_silence: bool,
}

impl LayerError {
    /// Returns a failure without a code.
    pub fn failed(layer: &'static str, source: io::Error) -> LayerError {
        LayerError::Failed { layer, code: None, source }
    }

    /// Returns the error for a layer that was used on the side that it does not support.
    pub(super) fn wrong_side(layer: &'static str) -> LayerError {
        let source = io::Error::new(io::ErrorKind::Unsupported, "this layer is for the other side");
        LayerError::failed(layer, source)
    }

    /// Returns the name of the layer that failed.
    pub fn layer(&self) -> &'static str {
        match self {
            LayerError::TimedOut { layer, .. } | LayerError::Failed { layer, .. } => layer,
        }
    }

    /// Returns whether the peer sent nothing: it closed the connection, or the handshake timed out.
    pub fn is_silence(&self) -> bool {
        match self {
            LayerError::TimedOut { .. } => true,
            LayerError::Failed { code: Some(code), .. } => code.is_silence,
            LayerError::Failed { code: None, source, .. } => source.kind() == io::ErrorKind::UnexpectedEof,
        }
    }

    /// Returns the code of the failure in logs and rules.
    pub fn code(&self) -> Option<LayerCode> {
        match self {
            LayerError::TimedOut { code, .. } | LayerError::Failed { code, .. } => *code,
        }
    }
}
