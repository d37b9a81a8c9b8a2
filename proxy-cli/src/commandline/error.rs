//! What can be wrong with a command line.

/// The exit status after a command line that is wrong, HAProxy's.
pub(crate) const USAGE_STATUS: u8 = 1;

/// The first thing that is wrong. Words are shown with control characters made visible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    /// A flag that nobody knows.
    #[error("unknown flag '{word}'{}", suggestion(.nearest))]
    Unknown { word: String, nearest: Option<&'static str> },
    /// A word where a flag must stand.
    #[error("'{word}' is not a flag; {hint}")]
    NotAFlag { word: String, hint: String },
    /// `-n10`, `-f=a.cfg`.
    #[error("'{word}': {flag} takes its value as the next word: {flag} {value}")]
    Glued { word: String, flag: &'static str, value: String },
    /// `-cV`.
    #[error("'{word}': flags stand one by one: {apart}")]
    Bundled { word: String, apart: String },
    /// `--check=yes`.
    #[error("{flag} takes no value, and has '{value}'")]
    NeedsNone { flag: &'static str, value: String },
    /// The last word is a flag that takes a value.
    #[error("{flag} takes {value}, and nothing follows")]
    Missing { flag: &'static str, value: &'static str },
    /// A value that is not what the flag takes.
    #[error("{flag} takes {expected}, not '{found}'")]
    Value { flag: &'static str, expected: &'static str, found: String },
    /// A flag of HAProxy that Braid knows and cannot serve.
    #[error("{flag} ({what}) is not supported yet{}", instead.map(|text| format!("; {text}")).unwrap_or_default())]
    Unsupported { flag: &'static str, what: &'static str, instead: Option<&'static str> },
    /// Flags, and no configuration.
    #[error("no configuration; -f FILE names one")]
    NoConfiguration,
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|flag| format!("; did you mean {flag}?")).unwrap_or_default()
}
