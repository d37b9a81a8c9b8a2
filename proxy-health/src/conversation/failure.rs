//! Texts about connections that have failed, and about the step at which they have.

use std::fmt::Write;
use std::io;

use crate::rules::{Pattern, Port, RuleKind, RulesetKind, Step, to_hex};

/// Returns the text of an error of a connection, as HAProxy has it: `ECONNREFUSED returned by OS (Connection refused)`.
pub fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(&*text, |(text, _)| text);
    let name = match error.kind() {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED returned by OS",
        io::ErrorKind::ConnectionReset => "ECONNRESET returned by OS",
        io::ErrorKind::HostUnreachable => "ENETUNREACH returned by OS",
        // The kernel says so at once, before there is a connection to speak of.
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound => {
            "General socket error"
        }
        io::ErrorKind::BrokenPipe => "EPIPE returned by OS",
        io::ErrorKind::AddrInUse => "Local source address already in use",
        io::ErrorKind::AddrNotAvailable => "Can't bind to source address",
        _ => return text.to_owned(),
    };
    format!("{name} ({text})")
}

/// Returns where a check with steps of `tcp-check` has failed; nothing for another one.
pub(super) fn place(kind: RulesetKind, step: Option<&Step>) -> String {
    if kind != RulesetKind::Tcp {
        return String::new();
    }
    let Some(step) = step.filter(|step| step.number > 0) else {
        return " at initial connection step of tcp-check".into();
    };
    let mut text = format!(" at step {} of tcp-check", step.number);
    match &step.rule.kind {
        RuleKind::Connect(connect) => match connect.port {
            Some(Port::Number(port)) => text += &format!(" (connect port {port})"),
            _ => text += " (connect)",
        },
        RuleKind::Send(_) => text += " (send)",
        RuleKind::Expect(expect) => text += &format!(" (expect {})", expected(&expect.pattern)),
        RuleKind::Act(_) | RuleKind::Comment => {}
    }
    if let Some(comment) = &step.comment {
        // Writing to a text does not fail.
        let _ = write!(text, " comment: '{comment}'");
    }
    text
}

/// Returns what a step of `tcp-check` was waiting for.
fn expected(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Text(text) => format!("string '{}'", String::from_utf8_lossy(text)),
        Pattern::Binary(bytes) => {
            let mut digits = Vec::new();
            to_hex(bytes, &mut digits);
            format!("binary '{}'", String::from_utf8_lossy(&digits))
        }
        Pattern::Regex(_) => "regex".into(),
        Pattern::HexRegex(_) => "binary regex".into(),
        Pattern::Format(_) => "log-format string".into(),
        Pattern::HexFormat(_) => "log-format binary".into(),
        Pattern::Status(_) => "HTTP status codes".into(),
        Pattern::StatusRegex(_) => "HTTP status regex".into(),
        Pattern::Field(_) => "HTTP header pattern".into(),
        Pattern::Custom(_) => "custom function".into(),
    }
}
