//! Changes that actions make to a session or exchange beyond its messages and variables.

use std::fmt;

use proto_core::address::Address;
use proto_core::options::SocketOption;

/// The changes made by actions. The engine keeps them from one hook point to the next.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The client's address, in place of its real one.
    pub source: Option<Address>,
    /// The address that the client connected to, in place of the real one.
    pub destination: Option<Address>,
    /// The severity of the log line.
    pub severity: Option<ChosenSeverity>,
    /// Options to set on the connection to the server before it is established, each at most once.
    pub server_options: Vec<SocketOption>,
    /// The place in queues.
    pub priority: Priority,
}

/// The place of a session or exchange in queues: those of a lower class come first; of the same class those that have
/// come earlier, after the offset was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Priority {
    /// The class.
    pub class: i16,
    /// The offset, in milliseconds.
    pub offset: i32,
}

impl Priority {
    /// The highest class; the lowest is its negative.
    pub const MOST_CLASS: i16 = 0x7ff;
    /// The largest offset, in milliseconds; the smallest is its negative.
    pub const MOST_OFFSET: i32 = 0x7_ffff;
}

impl Changes {
    /// Sets an option on the connection to the server, replacing an earlier value.
    pub fn set_server_option(&mut self, option: SocketOption) {
        let name = option.spec().name;
        self.server_options.retain(|other| other.spec().name != name);
        self.server_options.push(option);
    }
}

/// The severity of a log line as set by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenSeverity {
    /// No line is written.
    Silent,
    /// A line with this severity.
    Line(Severity),
}

/// The severity of a log line, as defined by syslog (RFC 5424, section 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// The system is unusable.
    Emergency,
    /// Action must be taken immediately.
    Alert,
    /// Critical conditions.
    Critical,
    /// Error conditions.
    Error,
    /// Warning conditions.
    Warning,
    /// Normal but significant conditions.
    Notice,
    /// Informational messages.
    Info,
    /// Messages for debugging.
    Debug,
}

impl Severity {
    /// All severities, the most severe first: the index of each is its number in syslog.
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

    /// Returns the name in the configuration.
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
