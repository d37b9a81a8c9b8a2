//! What the engine reports to the rest of the program.

use std::fmt;

use proto_core::address::Address;

use super::record::{AcceptedRecord, SessionRecord};

/// A receiver of events. Called on the workers; it must not block.
pub trait Observer: fmt::Debug + Send + Sync {
    /// Receives a connection that was accepted, of a frontend that reports nothing else.
    fn accepted(&self, accepted: &AcceptedRecord<'_>);

    /// Receives a session that has ended, or has reached the moment at which its frontend reports it.
    fn session(&self, record: &SessionRecord<'_>);

    /// Receives something that the operator should know.
    fn notice(&self, notice: &Notice);
}

/// Something that the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Accepting is paused: descriptors or memory have run out, or one connection after another was lost before it
    /// could be accepted.
    AcceptPaused {
        /// The listening address.
        listener: Address,
        /// What is missing, or how the last connection was lost.
        cause: String,
        /// How often it has happened since the last such notice.
        repeated: u64,
    },
    /// A listener can no longer be used.
    ListenerFailed {
        /// The listening address.
        listener: Address,
        /// The error of the listening socket.
        cause: String,
    },
    /// A listener that was paused cannot listen again.
    NotResumed {
        /// The listening address.
        listener: Address,
        /// The error of the listening socket.
        cause: String,
    },
    /// A regular expression took so long that what depends on it was not evaluated.
    NotEvaluated {
        /// The name of the frontend whose client caused it.
        frontend: String,
        /// The file and the line of the rule; `None` for a value that no rule needs.
        rule: Option<String>,
        /// The expression.
        expression: String,
        /// How often it has happened since the last such notice.
        repeated: u64,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::AcceptPaused { listener, cause, repeated } => {
                write!(f, "{listener}: accepting is paused: {cause}")?;
                write_repeated(f, *repeated)
            }
            Notice::ListenerFailed { listener, cause } => {
                write!(f, "{listener}: no longer accepting: {cause}")
            }
            Notice::NotResumed { listener, cause } => {
                write!(f, "{listener}: still paused: {cause}")
            }
            Notice::NotEvaluated { frontend, rule, expression, repeated } => {
                match rule {
                    Some(rule) => write!(f, "frontend '{frontend}': the rule at {rule} was not evaluated")?,
                    None => write!(
                        f,
                        "frontend '{frontend}': a value for a server or a log line was not determined"
                    )?,
                }
                write!(f, ": the regular expression '{expression}' took too long")?;
                write_repeated(f, *repeated)
            }
        }
    }
}

fn write_repeated(f: &mut fmt::Formatter<'_>, repeated: u64) -> fmt::Result {
    match repeated {
        0 => Ok(()),
        repeated => write!(f, " ({repeated} more times since the last notice)"),
    }
}
