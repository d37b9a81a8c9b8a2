//! What the engine tells the rest of the program.

use std::fmt;

use proto_core::address::Address;

use super::record::{AcceptedRecord, SessionRecord};

/// Hears what happens. Called on the workers: it never blocks.
pub trait Observer: fmt::Debug + Send + Sync {
    /// A connection was accepted, by a frontend that tells of that and nothing else.
    fn accepted(&self, accepted: &AcceptedRecord<'_>);

    /// A session has ended, or come as far as its frontend waits before it tells of it.
    fn session(&self, record: &SessionRecord<'_>);

    /// Something that whoever runs the program should know.
    fn notice(&self, notice: &Notice);
}

/// Something that whoever runs the program should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing is accepted for a while: for want of descriptors or memory, or because one connection after another was
    /// lost before it could be accepted.
    AcceptPaused {
        /// The listening address.
        listener: Address,
        /// What is missing, or how the last connection was lost.
        cause: String,
        /// How often it has happened since the last such notice.
        repeated: u64,
    },
    /// A listener is of no more use.
    ListenerFailed {
        /// The listening address.
        listener: Address,
        /// The error of the listening socket.
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
