//! What has happened with a name server.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::failure::Failure;

/// What is counted about a name server, under the names that HAProxy has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Questions that were sent.
    Sent,
    /// Questions that could not be sent.
    SendError,
    /// Answers with records.
    Valid,
    /// Answers that have changed the address of a server.
    Update,
    /// Answers with names in place of addresses; always 0, as in HAProxy.
    Cname,
    /// Answers in which such names lead nowhere.
    CnameError,
    /// Answers without records.
    AnyError,
    /// Answers that a name does not exist.
    Nx,
    /// Questions without an answer; always 0, as in HAProxy.
    Timeout,
    /// Refused questions.
    Refused,
    /// Other errors.
    Other,
    /// Messages that are no answers.
    Invalid,
    /// Messages that are larger than accepted.
    TooBig,
    /// Answers that did not fit in a datagram.
    Truncated,
    /// Answers to questions that do not wait any more.
    Outdated,
}

impl Counted {
    /// All, with their names, in the order of `show resolvers`.
    pub const ALL: [(Counted, &'static str); 15] = [
        (Counted::Sent, "sent"),
        (Counted::SendError, "snd_error"),
        (Counted::Valid, "valid"),
        (Counted::Update, "update"),
        (Counted::Cname, "cname"),
        (Counted::CnameError, "cname_error"),
        (Counted::AnyError, "any_err"),
        (Counted::Nx, "nx"),
        (Counted::Timeout, "timeout"),
        (Counted::Refused, "refused"),
        (Counted::Other, "other"),
        (Counted::Invalid, "invalid"),
        (Counted::TooBig, "too_big"),
        (Counted::Truncated, "truncated"),
        (Counted::Outdated, "outdated"),
    ];
}

impl From<Failure> for Counted {
    fn from(failure: Failure) -> Counted {
        match failure {
            Failure::Invalid => Counted::Invalid,
            Failure::NoSuchName => Counted::Nx,
            Failure::Refused => Counted::Refused,
            Failure::NoRecords => Counted::AnyError,
            Failure::BrokenChain => Counted::CnameError,
            Failure::Truncated => Counted::Truncated,
            Failure::Other => Counted::Other,
        }
    }
}

/// The counters of a name server.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; Counted::ALL.len()]);

impl Counters {
    /// Counts something.
    pub fn count(&self, what: Counted) {
        self.0[what as usize].fetch_add(1, Relaxed);
    }

    /// Returns how often something was counted.
    pub fn get(&self, what: Counted) -> u64 {
        self.0[what as usize].load(Relaxed)
    }
}

/// Writes the lines of `show resolvers` about a name server.
pub fn shown(name: &str, counters: &Counters) -> String {
    let mut lines = format!(" nameserver {name}:\n");
    for (counted, label) in Counted::ALL {
        let label = format!("{label}:");
        lines.push_str(&format!("  {label:<13}{}\n", counters.get(counted)));
    }
    lines
}
