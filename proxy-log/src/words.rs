//! The words of a log target that come from syslog: levels and facilities (RFC 5424, section 6.2.1, under the names
//! that HAProxy gives them).

use std::fmt;
use std::str::FromStr;

use proto_core::words::nearest;

/// The error of an unknown word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} '{word}'{}; it is one of: {}", meant(*nearest), allowed.join(", "))]
pub struct UnknownWord {
    /// The kind of word that was expected.
    pub what: &'static str,
    /// The word that was read.
    pub word: String,
    /// The known word nearest to it.
    pub nearest: Option<&'static str>,
    /// All words that are allowed.
    pub allowed: &'static [&'static str],
}

fn meant(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |word| format!(", did you mean '{word}'?"))
}

/// Returns the entry of `all` whose name, at the same index, is `word`.
pub(crate) fn find<T: Copy>(
    what: &'static str,
    word: &str,
    names: &'static [&'static str],
    all: &[T],
) -> Result<T, UnknownWord> {
    let found = names.iter().position(|name| *name == word).and_then(|index| all.get(index));
    found.copied().ok_or_else(|| UnknownWord {
        what,
        word: word.to_owned(),
        nearest: nearest(word, names.iter().copied()),
        allowed: names,
    })
}

/// The severity of a message; a smaller value is more severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "their names are all there is to say")]
pub enum Level {
    Emerg,
    Alert,
    Crit,
    Err,
    Warning,
    Notice,
    Info,
    Debug,
}

impl Level {
    /// All levels, the most severe first.
    pub const ALL: [Level; 8] = [
        Level::Emerg,
        Level::Alert,
        Level::Crit,
        Level::Err,
        Level::Warning,
        Level::Notice,
        Level::Info,
        Level::Debug,
    ];
    /// The names of the levels, in the order of `ALL`.
    pub const NAMES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

    /// Returns the number in syslog, 0 to 7.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Level::NAMES[usize::from(self.code())]
    }
}

impl FromStr for Level {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Level, UnknownWord> {
        find("log level", word, &Level::NAMES, &Level::ALL)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The part of a system that a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names are all there is to say")]
pub enum Facility {
    Kern,
    User,
    Mail,
    Daemon,
    Auth,
    Syslog,
    Lpr,
    News,
    Uucp,
    Cron,
    Auth2,
    Ftp,
    Ntp,
    Audit,
    Alert,
    Cron2,
    Local0,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

impl Facility {
    /// All facilities, by number.
    #[rustfmt::skip]
    pub const ALL: [Facility; 24] = {
        use Facility::*;
        [
            Kern, User, Mail, Daemon, Auth, Syslog, Lpr, News, Uucp, Cron, Auth2, Ftp, Ntp, Audit, Alert, Cron2,
            Local0, Local1, Local2, Local3, Local4, Local5, Local6, Local7,
        ]
    };
    /// The names of the facilities, in the order of `ALL`.
    #[rustfmt::skip]
    pub const NAMES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2", "ftp", "ntp",
        "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    /// Returns the number in syslog, 0 to 23.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Facility::NAMES[usize::from(self.code())]
    }
}

impl FromStr for Facility {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Facility, UnknownWord> {
        find("log facility", word, &Facility::NAMES, &Facility::ALL)
    }
}

impl fmt::Display for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_its_number_and_back() {
        for (code, name) in (0u8..).zip(Facility::NAMES) {
            let facility: Facility = name.parse().expect("a facility");
            assert_eq!((facility.code(), facility.name()), (code, name));
        }
        for (code, name) in (0u8..).zip(Level::NAMES) {
            let level: Level = name.parse().expect("a level");
            assert_eq!((level.code(), level.name()), (code, name));
        }
        assert!(Level::Emerg < Level::Debug);
    }

    #[test]
    fn the_error_of_an_unknown_word_has_the_nearest_and_all() {
        let error = "warnning".parse::<Level>().expect_err("no level");
        assert_eq!(
            error.to_string(),
            "unknown log level 'warnning', did you mean 'warning'?; it is one of: emerg, alert, crit, err, warning, \
             notice, info, debug"
        );
        let error = "local8".parse::<Facility>().expect_err("no facility");
        assert_eq!((error.nearest, error.allowed.len()), (Some("local0"), 24));
        // As in HAProxy, names have no capitals, and numbers are not names.
        assert!("INFO".parse::<Level>().is_err() && "6".parse::<Level>().is_err());
    }
}
