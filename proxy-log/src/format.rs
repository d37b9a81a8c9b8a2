//! The headers before the text of a line: the formats of a target, byte for byte as HAProxy sends them.
//!
//! ```text
//!  local     <158>Nov  2 16:40:12 braid[7]: text            the default
//!  rfc3164   <158>Nov  2 16:40:12 host braid[7]: text       the default with a host name; without one: localhost
//!  rfc5424   <158>1 2026-11-02T16:40:12.123456+00:00 host braid 7 - - text       without a host name: -
//!  priority  <158>text
//!  short     <6>text                                        the level only
//!  timed     <6>2026-11-02T16:40:12.123456+00:00 text
//!  iso       2026-11-02T16:40:12.123456+00:00 text
//!  raw       text
//! ```
//!
//! Every line ends with a newline, in a datagram as well. There is one difference: if the limit of a datagram is
//! within the header, HAProxy leaves out the word that crosses it; here the line is cut there, as both do for
//! descriptors.

use std::io::{self, Write as _};
use std::str::FromStr;

use proxy_rules::date::Date;
use proxy_rules::escape::seal;

use crate::identity::Identity;
use crate::length::MaxLength;
use crate::words::{Facility, Level, UnknownWord, find};

/// The format of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// As RFC 3164, without the host name.
    Local,
    /// As RFC 3164, with the host name.
    Rfc3164,
    /// As RFC 5424.
    Rfc5424,
    /// Facility and level, then the text.
    Priority,
    /// The level, as systemd's journal reads it from standard output, then the text.
    Short,
    /// The level and the time, then the text.
    Timed,
    /// The time, then the text.
    Iso,
    /// The text only.
    Raw,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 8] = [
        Format::Local,
        Format::Rfc3164,
        Format::Rfc5424,
        Format::Priority,
        Format::Short,
        Format::Timed,
        Format::Iso,
        Format::Raw,
    ];
    /// The names of the formats, in the order of `ALL`.
    pub const NAMES: [&str; 8] = ["local", "rfc3164", "rfc5424", "priority", "short", "timed", "iso", "raw"];

    /// Returns the format of a target that sets none. It is the same for datagrams and descriptors.
    pub fn default_for(identity: &Identity) -> Format {
        if identity.hostname.is_some() { Format::Rfc3164 } else { Format::Local }
    }
}

impl FromStr for Format {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Format, UnknownWord> {
        find("log format", word, &Format::NAMES, &Format::ALL)
    }
}

/// All parts of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) format: Format,
    pub(crate) facility: Facility,
    pub(crate) level: Level,
    pub(crate) identity: &'a Identity,
    pub(crate) time: Date,
    /// The structured data, which only RFC 5424 has a field for.
    pub(crate) structured: &'a [u8],
    pub(crate) text: &'a [u8],
    pub(crate) max_length: MaxLength,
}

impl Line<'_> {
    /// Writes the line into `out`, replacing its contents. The line has one newline, at its end.
    pub(crate) fn frame(&self, out: &mut Vec<u8>) {
        let mut header = Vec::with_capacity(96);
        // Writing to a Vec cannot fail.
        let _ = self.header(&mut header);
        out.clear();
        seal(out, &header);
        if self.format == Format::Rfc5424 {
            let structured = self.structured.trim_ascii_end();
            seal(out, if structured.is_empty() { b"-" } else { structured });
            out.push(b' ');
        }
        seal(out, strip(self.text));
        out.truncate(self.max_length.bytes() - 1);
        out.push(b'\n');
    }

    fn header(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let Line { identity: Identity { tag, hostname, pid }, time, .. } = self;
        let (level, priority) = (self.level.code(), self.facility.code() * 8 + self.level.code());
        match self.format {
            Format::Local | Format::Rfc3164 => {
                write!(out, "<{priority}>")?;
                time.legacy(out);
                if self.format == Format::Rfc3164 {
                    // RFC 3164 requires the field.
                    write!(out, " {}", hostname.as_deref().unwrap_or("localhost"))?;
                }
                write!(out, " {tag}[{pid}]: ")
            }
            Format::Rfc5424 => {
                write!(out, "<{priority}>1 ")?;
                time.iso(out);
                write!(out, " {} {tag} {pid} - ", hostname.as_deref().unwrap_or("-"))
            }
            Format::Priority => write!(out, "<{priority}>"),
            Format::Short => write!(out, "<{level}>"),
            Format::Timed | Format::Iso => {
                if self.format == Format::Timed {
                    write!(out, "<{level}>")?;
                }
                time.iso(out);
                out.push(b' ');
                Ok(())
            }
            Format::Raw => Ok(()),
        }
    }
}

/// Returns a text without the newlines and zero bytes at its end, which are not part of it.
fn strip(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | 0)).map_or(0, |last| last + 1);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIME: Date =
        Date { year: 2026, month: 11, day: 2, hour: 22, minute: 17, second: 42, micros: 754_924, east: 330 };

    fn line(identity: &Identity, format: Format) -> Line<'_> {
        Line {
            format,
            facility: Facility::Local3,
            level: Level::Info,
            identity,
            time: TIME,
            structured: b"",
            text: b"hello /a",
            max_length: MaxLength::default(),
        }
    }

    fn framed(line: &Line<'_>) -> String {
        let mut out = b"what was there".to_vec();
        line.frame(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn every_format_has_its_header() {
        let plain = Identity { tag: "t-g".into(), hostname: None, pid: 5015 };
        let named = Identity { hostname: Some("my.host".into()), ..plain.clone() };
        for (name, without, with) in [
            ("local", "<158>Nov  2 22:17:42 t-g[5015]: ", "<158>Nov  2 22:17:42 t-g[5015]: "),
            (
                "rfc3164",
                "<158>Nov  2 22:17:42 localhost t-g[5015]: ",
                "<158>Nov  2 22:17:42 my.host t-g[5015]: ",
            ),
            (
                "rfc5424",
                "<158>1 2026-11-02T22:17:42.754924+05:30 - t-g 5015 - - ",
                "<158>1 2026-11-02T22:17:42.754924+05:30 my.host t-g 5015 - - ",
            ),
            ("priority", "<158>", "<158>"),
            ("short", "<6>", "<6>"),
            ("timed", "<6>2026-11-02T22:17:42.754924+05:30 ", "<6>2026-11-02T22:17:42.754924+05:30 "),
            ("iso", "2026-11-02T22:17:42.754924+05:30 ", "2026-11-02T22:17:42.754924+05:30 "),
            ("raw", "", ""),
        ] {
            let format = name.parse().expect("a format");
            assert_eq!(framed(&line(&plain, format)), format!("{without}hello /a\n"), "{name}");
            assert_eq!(framed(&line(&named, format)), format!("{with}hello /a\n"), "{name}");
        }
        assert_eq!(
            (Format::default_for(&plain), Format::default_for(&named)),
            (Format::Local, Format::Rfc3164)
        );
        assert_eq!("rfc3146".parse::<Format>().expect_err("a slip").nearest, Some("rfc3164"));
    }

    #[test]
    fn structured_data_has_its_place_in_rfc5424_only() {
        let identity = Identity::new("braid");
        let with = |format| Line { structured: b"[a b=\"c\"]  ", ..line(&identity, format) };
        assert!(framed(&with(Format::Rfc5424)).ends_with(" - [a b=\"c\"] hello /a\n"));
        assert_eq!(framed(&with(Format::Raw)), "hello /a\n");
    }

    #[test]
    fn priorities_have_one_to_three_digits() {
        let identity = Identity::new("braid");
        for (facility, level, header) in [
            (Facility::Kern, Level::Emerg, "<0>"),
            (Facility::User, Level::Alert, "<9>"),
            (Facility::Mail, Level::Debug, "<23>"),
            (Facility::Local7, Level::Debug, "<191>"),
        ] {
            let line = Line { facility, level, ..line(&identity, Format::Priority) };
            assert_eq!(framed(&line), format!("{header}hello /a\n"));
        }
    }

    #[test]
    fn the_newlines_within_are_shown_and_those_at_the_end_dropped() {
        let identity = Identity::new("braid");
        let line = Line { text: b"a\n<0>b\r\t|\n\0\n", ..line(&identity, Format::Raw) };
        assert_eq!(framed(&line), "a#0A<0>b#0D\t|\n");
    }

    #[test]
    fn a_line_is_cut_at_its_limit_with_the_newline_counted() {
        let long = Identity { tag: "x".repeat(90), hostname: None, pid: 1 };
        let text = [b'a'; 2000];
        let cut = |format, max_length| {
            let line = Line { text: &text, max_length, ..line(&long, format) };
            framed(&line)
        };
        assert_eq!(cut(Format::Raw, MaxLength::MIN), format!("{}\n", "a".repeat(79)));
        assert_eq!(cut(Format::Short, MaxLength::default()), format!("<6>{}\n", "a".repeat(1020)));
        assert_eq!(cut(Format::Local, MaxLength::MIN), format!("<158>Nov  2 22:17:42 {}\n", "x".repeat(58)));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_one_line(
            text: Vec<u8>, structured: Vec<u8>, tag: String, host: Option<String>, format in 0..Format::ALL.len(),
        ) {
            let identity = Identity { tag, hostname: host, pid: 1 };
            let line = Line { text: &text, structured: &structured, ..line(&identity, Format::ALL[format]) };
            let mut out = Vec::new();
            line.frame(&mut out);
            prop_assert_eq!(out.iter().position(|b| b.is_ascii_control() && *b != b'\t'), Some(out.len() - 1));
            prop_assert_eq!(out.last(), Some(&b'\n'));
            prop_assert!(out.len() <= 1024);
        }
    }
}
