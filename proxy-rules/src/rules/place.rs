//! The place of a rule, for log lines and fetches that name the rule that decided.

use proxy_config::{FileId, Span};

/// The place of a rule in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulePlace {
    /// The file.
    pub file: FileId,
    /// The line, from 1.
    pub line: u32,
}

impl From<Span> for RulePlace {
    fn from(span: Span) -> RulePlace {
        RulePlace { file: span.file, line: span.line }
    }
}
