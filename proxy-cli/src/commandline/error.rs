//! Errors in a command line.

/// The exit status for a wrong command line, HAProxy's.
pub(crate) const USAGE_STATUS: u8 = 1;

/// The first error in a command line. Words are shown with control characters made visible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    /// A flag that neither Braid nor HAProxy has.
    #[error("unknown flag '{word}'{}", suggestion(.nearest))]
    Unknown { word: String, nearest: Option<&'static str> },
    /// Another word in place of a flag.
    #[error("'{word}' is not a flag; {hint}")]
    NotAFlag { word: String, hint: String },
    /// A flag and its value in one word: `-n10`, `-f=a.cfg`.
    #[error("'{word}': {flag} takes its value as the next word: {flag} {value}")]
    Glued { word: String, flag: &'static str, value: String },
    /// Two flags in one word: `-cV`.
    #[error("'{word}': write flags as separate words: {apart}")]
    Bundled { word: String, apart: String },
    /// A value of a flag that takes none: `--check=yes`.
    #[error("{flag} takes no value, found '{value}'")]
    NeedsNone { flag: &'static str, value: String },
    /// The last word is a flag that takes a value.
    #[error("missing argument after {flag}: {value}")]
    Missing { flag: &'static str, value: &'static str },
    /// A value of the wrong kind.
    #[error("{flag} takes {expected}, not '{found}'")]
    Value { flag: &'static str, expected: &'static str, found: String },
    /// A flag of HAProxy that is not supported.
    #[error("{flag} ({what}) is not supported yet{}", instead.map(|text| format!("; {text}")).unwrap_or_default())]
    Unsupported { flag: &'static str, what: &'static str, instead: Option<&'static str> },
    /// Flags without a configuration file.
    #[error("no configuration; -f FILE names one")]
    NoConfiguration,
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|flag| format!("; did you mean {flag}?")).unwrap_or_default()
}
