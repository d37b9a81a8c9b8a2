//! Results of rules.

use std::sync::Arc;

use crate::answer::Answer;
use crate::lookup_name::NameLookup;
use crate::service::Service;

/// What happens after the rules of a hook point, or after one of them.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The next rule is run, or what follows the rules.
    Continue,
    /// The remaining rules of this hook point are skipped.
    Accept,
    /// The client's connection is closed without a reply, or the exchange reset if it shares one.
    Reject,
    /// The result of a rule could not be determined, so that it can neither be applied nor skipped: an exchange is
    /// replied to with 500, and a connection without one is reset.
    Failed,
    /// The connection to the server is closed, and nothing that was received over it is passed on.
    CloseServer,
    /// The client's connection continues in mode http.
    BecomeHttp {
        /// Whether only HTTP/1 is accepted.
        only_http1: bool,
    },
    /// The client gets this reply. A denial is logged as such.
    Answer {
        /// The reply.
        answer: Box<Answer>,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
    /// The client gets the section's error message for a status.
    Error {
        /// The status of the error message.
        status: u16,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
    /// A service answers the request in place of a server.
    Serve(Arc<dyn Service>),
    /// A name is resolved; then the rules continue: see [`RuleSet::resume`](crate::RuleSet::resume).
    Resolve(Box<NameLookup>),
    /// The client gets the error message for a status after `timeout tarpit`.
    Tarpit {
        /// The status of the error message.
        status: u16,
    },
}
