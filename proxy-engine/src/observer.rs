//! What the engine tells the rest of the program.

use std::fmt;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::info::ConnectionInfo;
use proxy_relay::Outcome;

/// Hears what happens. Called on the workers: it never blocks.
pub trait Observer: fmt::Debug + Send + Sync {
    /// Whether records of sessions are wanted. Without, nothing is gathered for them.
    fn wants_sessions(&self) -> bool;

    /// A session has ended.
    fn session(&self, record: &SessionRecord<'_>);

    /// Something that whoever runs the program should know.
    fn notice(&self, notice: &Notice);
}

/// A session, when it ends.
#[derive(Debug)]
pub struct SessionRecord<'a> {
    /// The service.
    pub service: &'a str,
    /// When it was accepted.
    pub accepted: SystemTime,
    /// The client.
    pub client: Address,
    /// The address that the client connected to.
    pub listener: Address,
    /// The client's connection as it was when the first side sent its end of file, or at the end if none did.
    pub client_info: ConnectionInfo,
    /// How long it took from accepting it to its end.
    pub lasted: Duration,
    /// What came of it.
    pub result: SessionResult<'a>,
}

/// What came of a session.
#[derive(Debug)]
pub enum SessionResult<'a> {
    /// No server was reached.
    NotConnected {
        /// Where it was tried.
        server: Option<Address>,
        /// Why not; `None` if the server's port would have been none.
        error: Option<&'a ConnectError>,
    },
    /// Bytes were relayed.
    Relayed {
        /// The server.
        server: Address,
        /// How long connecting took.
        connecting: Duration,
        /// The server's connection at the same moment.
        server_info: ConnectionInfo,
        /// How it went.
        outcome: &'a Outcome,
    },
}

/// Something that whoever runs the program should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing is accepted for a while: for want of descriptors or memory, or because one connection after another was
    /// lost before it could be accepted.
    AcceptPaused {
        /// The listening address.
        listener: Address,
        /// Why.
        cause: String,
        /// How often it has happened since the last such notice.
        repeated: u64,
    },
    /// A listener is of no more use.
    ListenerFailed {
        /// The listening address.
        listener: Address,
        /// Why.
        cause: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::AcceptPaused { listener, cause, repeated } => {
                write!(f, "{listener}: accepting is paused: {cause}")?;
                if *repeated > 0 {
                    write!(f, " ({repeated} more times since it was last said)")
                } else {
                    Ok(())
                }
            }
            Notice::ListenerFailed { listener, cause } => {
                write!(f, "{listener}: no longer accepting: {cause}")
            }
        }
    }
}
