//! Why the engine cannot be started.

use std::io;

use proto_core::error::BindError;

/// The engine could not be started. Nothing of it runs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket does not listen.
    #[error(transparent)]
    Listen(#[from] BindError),
    /// A worker has no runtime.
    #[error("a worker's runtime cannot be made: {0}")]
    Runtime(#[source] io::Error),
    /// A worker has no thread.
    #[error("a worker's thread cannot be made: {0}")]
    Thread(#[source] io::Error),
    /// A worker has ended before it began.
    #[error("a worker ended before it began")]
    Worker,
}
