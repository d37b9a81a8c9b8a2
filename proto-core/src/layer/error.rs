//! Why a handshake failed.

use std::io;
use std::time::Duration;

/// A handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// It took too long.
    #[error("{layer}: no answer within {limit:?}")]
    TimedOut {
        /// The layer.
        layer: &'static str,
        /// What logs and rules know the failure by, for a layer that has such codes.
        code: Option<LayerCode>,
        /// The time given.
        limit: Duration,
    },
    /// The stream below failed, or the peer did not keep to the protocol.
    #[error("{layer}: {source}")]
    Failed {
        /// The layer.
        layer: &'static str,
        /// What logs and rules know the failure by, for a layer that has such codes.
        code: Option<LayerCode>,
        /// The system's error, or what was wrong with what the peer sent.
        source: io::Error,
    },
}

/// What a failure is known by, where the language has a number and a name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerCode {
    /// The number; 0 is that of no error, and not told of one.
    pub number: u16,
    /// The name, in capitals.
    pub name: &'static str,
    /// In words.
    pub text: &'static str,
    /// Whether the peer left without having said anything, which many do that only look whether somebody listens.
    pub is_silence: bool,
}

impl LayerError {
    /// A failure without a code.
    pub fn failed(layer: &'static str, source: io::Error) -> LayerError {
        LayerError::Failed { layer, code: None, source }
    }

    /// A layer for one side was used on the other.
    pub(super) fn wrong_side(layer: &'static str) -> LayerError {
        let source = io::Error::new(io::ErrorKind::Unsupported, "this layer is for the other side");
        LayerError::failed(layer, source)
    }

    /// The layer that failed.
    pub fn layer(&self) -> &'static str {
        match self {
            LayerError::TimedOut { layer, .. } | LayerError::Failed { layer, .. } => layer,
        }
    }

    /// Whether the peer has said nothing: it left, or sent nothing in time.
    pub fn is_silence(&self) -> bool {
        match self {
            LayerError::TimedOut { .. } => true,
            LayerError::Failed { code: Some(code), .. } => code.is_silence,
            LayerError::Failed { code: None, source, .. } => source.kind() == io::ErrorKind::UnexpectedEof,
        }
    }

    /// What logs and rules know it by.
    pub fn code(&self) -> Option<LayerCode> {
        match self {
            LayerError::TimedOut { code, .. } | LayerError::Failed { code, .. } => *code,
        }
    }
}
