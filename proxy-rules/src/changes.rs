//! What actions change of a session or exchange beyond its messages and variables.

use std::fmt;

use proto_core::address::Address;
use proto_core::options::SocketOption;

/// What actions have changed. The engine keeps it from one hook point to the next.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The client's address, in place of the one that it has.
    pub source: Option<Address>,
    /// The address that the client connected to, in place of the one that it did.
    pub destination: Option<Address>,
    /// How severe its log line is.
    pub severity: Option<ChosenSeverity>,
    /// Set on the connection to the server before it is made, each once.
    pub server_options: Vec<SocketOption>,
}

impl Changes {
    /// Sets an option on the connection to the server, in place of an earlier value of it.
    pub fn set_server_option(&mut self, option: SocketOption) {
        let name = option.spec().name;
        self.server_options.retain(|other| other.spec().name != name);
        self.server_options.push(option);
    }
}

/// How severe a log line is, if a rule says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenSeverity {
    /// There is to be no line.
    Silent,
    /// This severe.
    Line(Severity),
}

/// How severe a log line is, in the words of syslog (RFC 5424, section 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// The system is unusable.
    Emergency,
    /// Something has to be done at once.
    Alert,
    /// Critical conditions.
    Critical,
    /// Errors.
    Error,
    /// Warnings.
    Warning,
    /// Normal, but of significance.
    Notice,
    /// What is as usual.
    Info,
    /// For finding mistakes.
    Debug,
}

impl Severity {
    /// All, the most severe first: their numbers are their places.
    pub const ALL: [Severity; 8] = [
        Severity::Emergency,
        Severity::Alert,
        Severity::Critical,
        Severity::Error,
        Severity::Warning,
        Severity::Notice,
        Severity::Info,
        Severity::Debug,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Emergency => "emerg",
            Severity::Alert => "alert",
            Severity::Critical => "crit",
            Severity::Error => "err",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Info => "info",
            Severity::Debug => "debug",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
