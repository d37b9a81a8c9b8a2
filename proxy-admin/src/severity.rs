//! The severities of answers, and whether they are shown.

/// The severity of an answer, by syslog's numbers (RFC 5424, 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command was not executed.
    Error = 3,
    /// It was executed, and has a consequence that may be unwanted.
    Warning = 4,
    /// It was executed, and needs attention.
    Notice = 5,
    /// It was executed.
    Info = 6,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Severity::Error => "err",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Info => "info",
        }
    }
}

/// How the severity of a message is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeverityOutput {
    /// Severities are not shown.
    #[default]
    None,
    /// `[6]: `
    Number,
    /// `[info]: `
    String,
}

impl SeverityOutput {
    /// All, by their words.
    pub const ALL: [(&'static str, SeverityOutput); 3] = [
        ("none", SeverityOutput::None),
        ("number", SeverityOutput::Number),
        ("string", SeverityOutput::String),
    ];

    /// Returns the text before a message.
    pub(crate) fn prefix(self, severity: Severity) -> String {
        match self {
            SeverityOutput::None => String::new(),
            SeverityOutput::Number => format!("[{}]: ", severity as u8),
            SeverityOutput::String => format!("[{}]: ", severity.word()),
        }
    }
}
