//! What rules come to.

use crate::answer::Answer;

/// What is to happen after the rules of a hook point, or after one of them.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The next rule, or what follows the rules.
    Continue,
    /// No further rule of this hook point.
    Accept,
    /// The client's connection is closed without an answer, or the exchange reset if it shares one.
    Reject,
    /// What a rule depends on could not be found out, so that it can neither be applied nor passed over: an exchange is
    /// answered with 500, and a connection that carries none is reset.
    Failed,
    /// The server's connection is closed, and nothing that came over it is passed on.
    CloseServer,
    /// The client's connection goes on as one of HTTP.
    BecomeHttp {
        /// No other HTTP than HTTP/1 may come.
        only_http1: bool,
    },
    /// The client gets this answer. One that denies is logged as such.
    Answer {
        /// Which.
        answer: Box<Answer>,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
    /// The client gets the error message that the section has for a status.
    Error {
        /// Which.
        status: u16,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
    /// The client gets the error message for a status once it has waited for `timeout tarpit`.
    Tarpit {
        /// Which.
        status: u16,
    },
}
