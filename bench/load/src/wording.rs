//! The wording that reports of all kinds share, for people and in JSON.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::cost::{Cost, ProcessError};
use crate::failure::chain;
use crate::link::Transport;
use crate::tally::{ErrorCounts, PathCounts};

/// Returns a cost, or why there is none although it was requested.
pub(crate) fn cost_or_reason(cost: Result<Option<Cost>, ProcessError>) -> (Option<Cost>, Option<String>) {
    match cost {
        Ok(cost) => (cost, None),
        Err(error) => (None, Some(chain(&error))),
    }
}

pub(crate) fn per_second(count: u64, elapsed: Duration) -> f64 {
    if elapsed.is_zero() { 0.0 } else { count as f64 / elapsed.as_secs_f64() }
}

/// Writes, for people, how many connections became MPTCP, if it was requested.
pub(crate) fn write_paths(
    f: &mut fmt::Formatter<'_>,
    transport: Transport,
    paths: PathCounts,
) -> fmt::Result {
    if transport != Transport::Mptcp {
        return Ok(());
    }
    let PathCounts { mptcp, fallback, subflows_min, subflows_max } = paths;
    write!(f, "; mptcp {mptcp}, fell back {fallback}, subflows {subflows_min} to {subflows_max}")
}

/// Writes, for people, the errors, if there are any.
pub(crate) fn write_trouble(
    f: &mut fmt::Formatter<'_>,
    errors: &ErrorCounts,
    not_tried: u64,
    first_error: Option<&str>,
    cost_error: Option<&str>,
) -> fmt::Result {
    for (name, count) in errors.named().iter().filter(|(_, count)| *count > 0) {
        write!(f, "; {name} {count}")?;
    }
    if not_tried > 0 {
        write!(f, "; not tried {not_tried}")?;
    }
    for (what, text) in [("first error", first_error), ("no cost", cost_error)] {
        if let Some(text) = text {
            write!(f, "; {what}: {text}")?;
        }
    }
    Ok(())
}

pub(crate) fn errors_json(errors: &ErrorCounts) -> String {
    let counts = errors.named().map(|(name, count)| format!("\"{name}\":{count}"));
    format!("{{{}}}", counts.join(","))
}

pub(crate) fn paths_json(paths: PathCounts) -> String {
    let PathCounts { mptcp, fallback, subflows_min, subflows_max } = paths;
    format!(
        "{{\"native\":{mptcp},\"fallback\":{fallback},\"subflows_min\":{subflows_min},\
         \"subflows_max\":{subflows_max}}}"
    )
}

/// Formats a number; an unknown one is `null`.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "null".to_owned(), |value| format!("{value:.decimals$}"))
}

/// Formats a string (RFC 8259, section 7): quotes, backslashes and control characters are escaped.
pub(crate) fn string(text: Option<&str>) -> String {
    let Some(text) = text else { return "null".to_owned() };
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
