//! Errors of starting the engine.

use std::io;

use proto_core::error::BindError;

/// The engine could not be started. Nothing of it runs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket cannot listen.
    #[error(transparent)]
    Listen(#[from] BindError),
    /// The runtime of a worker cannot be created.
    #[error("a worker's runtime cannot be created: {0}")]
    Runtime(#[source] io::Error),
    /// The thread of a worker cannot be created.
    #[error("a worker's thread cannot be created: {0}")]
    Thread(#[source] io::Error),
    /// A worker ended before its sockets listened.
    #[error("a worker ended before its sockets listened")]
    Worker,
}
