//! A row of a table: an object, and its fields as cells.

use std::time::Duration;

use super::cell::Cell;
use super::text::{age, grouped, size};
use crate::fields;
use crate::subject::{Kind, Subject};
use crate::value::Value;

/// An object.
#[derive(Debug)]
pub(super) struct Row<'e> {
    pub(super) subject: &'e Subject<'e>,
}

/// The look of a state. Each has a colour, and its word is in the cell, too.
const STATES: &[(&str, &str)] = &[
    ("MAINT", "maint"),
    ("DRAIN", "drain"),
    ("NOLB", "drain"),
    ("DOWN", "down"),
    ("STOP", "down"),
    ("FULL", "changing"),
    ("PAUSED", "changing"),
    ("no check", "unchecked"),
];

/// The shares of a limit that have a look of their own, in tenths.
const SHARES: [&str; 11] =
    ["", "share1", "share2", "share3", "share4", "share5", "share6", "share7", "share8", "share9", "share10"];

impl Row<'_> {
    /// Returns the value of a field.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        fields::named(name)?.value(self.subject)
    }

    /// Returns the text of a field; empty without a value.
    pub(super) fn text(&self, name: &str) -> String {
        self.value(name).map_or_else(String::new, |value| value.to_string())
    }

    fn count(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::U32(number) => Some(number.into()),
            Value::U64(number) => Some(number),
            Value::S32(number) => u64::try_from(number).ok(),
            Value::Text(_) => None,
        }
    }

    /// Returns the class of the row.
    pub(super) fn class(&self) -> &'static str {
        match self.subject.kind() {
            Kind::Frontend => "frontend",
            Kind::Listener => "listener",
            Kind::Backend => "backend",
            Kind::Server => self.state(),
        }
    }

    /// Returns the class of the state of a server.
    fn state(&self) -> &'static str {
        let status = self.text("status");
        if let Some((_, class)) = STATES.iter().find(|(word, _)| status.starts_with(word)) {
            // `DOWN 1/2` comes up, and `UP 1/3` goes down.
            return if *class == "down" && status.contains('/') { "changing" } else { class };
        }
        match status.contains('/') {
            true => "changing",
            false if self.text("bck") == "1" => "backup",
            false => "up",
        }
    }

    pub(super) fn number(&self, name: &str) -> Cell {
        let Some(number) = self.count(name) else { return Cell::default() };
        Cell { text: grouped(number), key: number.to_string(), ..Cell::default() }
    }

    /// A number that means that there is no limit if it is 0.
    pub(super) fn limit(&self, name: &str) -> Cell {
        match self.count(name) {
            Some(0) | None => Cell::default(),
            Some(_) => self.number(name),
        }
    }

    /// A number of something that should not happen.
    pub(super) fn failures(&self, name: &str) -> Cell {
        let class = if self.count(name).is_some_and(|number| number > 0) { "bad" } else { "" };
        Cell { class, ..self.number(name) }
    }

    /// A number of bytes.
    pub(super) fn size(&self, name: &str) -> Cell {
        let Some(bytes) = self.count(name) else { return Cell::default() };
        Cell { text: size(bytes), exact: Some(format!("{bytes} bytes")), key: bytes.to_string(), class: "" }
    }

    /// A number of seconds.
    pub(super) fn age(&self, name: &str) -> Cell {
        let Some(seconds) = self.count(name) else { return Cell::default() };
        Cell { text: age(Duration::from_secs(seconds)), key: seconds.to_string(), ..Cell::default() }
    }

    pub(super) fn percentage(&self, name: &str) -> Cell {
        let Some(number) = self.count(name) else { return Cell::default() };
        Cell { text: format!("{number}\u{202f}%"), key: number.to_string(), ..Cell::default() }
    }

    /// A number, and the share that it has of a limit.
    pub(super) fn share(&self, name: &str, limit: &str) -> Cell {
        let limit = self.count(limit).filter(|limit| *limit > 0);
        let share = self
            .count(name)
            .zip(limit)
            .map_or(0, |(number, limit)| number.saturating_mul(10).div_ceil(limit));
        let class = SHARES[usize::try_from(share).unwrap_or(10).min(10)];
        Cell { class, ..self.number(name) }
    }

    pub(super) fn status(&self) -> Cell {
        let (status, since) = (self.text("status"), self.age("lastchg").text);
        let text = if since.is_empty() { status.clone() } else { format!("{since} {status}") };
        Cell { text, key: status, class: "status", exact: None }
    }

    /// The result of the last check: `L7OK/200 in 3ms`.
    pub(super) fn last_check(&self) -> Cell {
        let (status, code, time) =
            (self.text("check_status"), self.text("check_code"), self.text("check_duration"));
        let mut text = status;
        if !code.is_empty() {
            text = format!("{text}/{code}");
        }
        if !time.is_empty() {
            text = format!("{text} in {time}ms");
        }
        let exact = Some(self.text("last_chk")).filter(|text| !text.is_empty());
        Cell { key: text.clone(), text, exact, class: "" }
    }
}
