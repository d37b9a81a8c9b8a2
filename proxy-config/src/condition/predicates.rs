//! The predicates, with one entry for each, which is used for parsing, evaluation, help and suggestions.

use std::cmp::Ordering;

use super::facts::{Facts, SslLibrary};
use super::version::{self, OpensslVersion};

/// A predicate of conditions.
#[derive(Clone, Copy, Debug)]
pub struct Predicate {
    /// Its name.
    pub name: &'static str,
    /// The names of its arguments. All of them are texts, and all are required.
    pub arguments: &'static [&'static str],
    /// One line of help.
    pub help: &'static str,
    answer: fn(&[&str], &dyn Facts) -> Result<bool, &'static str>,
}

impl Predicate {
    /// Evaluates the predicate. The error is the reason why the first argument cannot be used.
    pub(super) fn ask(&self, arguments: &[&str], facts: &dyn Facts) -> Result<bool, &'static str> {
        (self.answer)(arguments, facts)
    }
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Predicate {}

/// Returns all predicates, sorted by name.
pub fn predicates() -> &'static [Predicate] {
    PREDICATES
}

/// Returns the predicate with this name.
pub fn find(name: &str) -> Option<&'static Predicate> {
    PREDICATES.iter().find(|predicate| predicate.name == name)
}

const PREDICATES: &[Predicate] = &[
    Predicate {
        name: "awslc_api_atleast",
        arguments: &["number"],
        help: "the interface of the AWS-LC library has this number or a higher one",
        answer: |words, facts| compare_awslc(first(words), facts).map(Ordering::is_le),
    },
    Predicate {
        name: "awslc_api_before",
        arguments: &["number"],
        help: "the interface of the AWS-LC library has a lower number",
        answer: |words, facts| compare_awslc(first(words), facts).map(Ordering::is_gt),
    },
    Predicate {
        name: "defined",
        arguments: &["name"],
        help: "the environment variable is set, be it to nothing",
        answer: |words, facts| Ok(facts.defined(first(words))),
    },
    Predicate {
        name: "enabled",
        arguments: &["switch"],
        help: "this can be switched off while the program runs, and is on",
        answer: |words, facts| Ok(facts.enabled(first(words))),
    },
    Predicate {
        name: "feature",
        arguments: &["name"],
        help: "the feature is built in; '-vv' lists them",
        answer: |words, facts| Ok(facts.feature(first(words))),
    },
    Predicate {
        name: "fips_mode",
        arguments: &[],
        help: "the SSL library runs in its FIPS mode",
        answer: |_, facts| Ok(facts.ssl_library().is_some_and(|library| library.fips_mode)),
    },
    Predicate {
        name: "openssl_version_atleast",
        arguments: &["version"],
        help: "the SSL library is, or stands in for, OpenSSL of this version or a later one",
        answer: |words, facts| compare_openssl(first(words), facts).map(Ordering::is_le),
    },
    Predicate {
        name: "openssl_version_before",
        arguments: &["version"],
        help: "the SSL library is, or stands in for, OpenSSL of an earlier version",
        answer: |words, facts| compare_openssl(first(words), facts).map(Ordering::is_gt),
    },
    Predicate {
        name: "ssllib_name_startswith",
        arguments: &["name"],
        help: "the name of the SSL library begins with this",
        answer: |words, facts| {
            Ok(facts.ssl_library().is_some_and(|library| library.name.starts_with(first(words))))
        },
    },
    Predicate {
        name: "streq",
        arguments: &["text", "text"],
        help: "the texts are the same",
        answer: |words, _| Ok(first(words) == second(words)),
    },
    Predicate {
        name: "strneq",
        arguments: &["text", "text"],
        help: "the texts differ",
        answer: |words, _| Ok(first(words) != second(words)),
    },
    Predicate {
        name: "strstr",
        arguments: &["text", "part"],
        help: "the first text contains the second",
        answer: |words, _| Ok(first(words).contains(second(words))),
    },
    Predicate {
        name: "version_atleast",
        arguments: &["version"],
        help: "the program speaks the language of this version or a later one",
        answer: |words, facts| Ok(version::compare(first(words), facts.version()).is_le()),
    },
    Predicate {
        name: "version_before",
        arguments: &["version"],
        help: "the program speaks the language of an earlier version",
        answer: |words, facts| Ok(version::compare(first(words), facts.version()).is_gt()),
    },
];

fn first<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.first().copied().unwrap_or_default()
}

fn second<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.get(1).copied().unwrap_or_default()
}

fn library(facts: &dyn Facts) -> Result<SslLibrary, &'static str> {
    facts.ssl_library().ok_or("there is no SSL library to compare with")
}

fn compare_openssl(asked: &str, facts: &dyn Facts) -> Result<Ordering, &'static str> {
    let library = library(facts)?;
    let asked = OpensslVersion::parse(asked).ok_or("not a version of OpenSSL, such as 1.1.1 or 3.0.0")?;
    Ok(asked.cmp(&library.version))
}

fn compare_awslc(asked: &str, facts: &dyn Facts) -> Result<Ordering, &'static str> {
    let api = library(facts)?.awslc_api.ok_or("the SSL library is not AWS-LC")?;
    match super::number::leading(asked, 10) {
        Some((number, end)) if end == asked.len() => Ok(number.cmp(&api)),
        _ => Err("not a number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_what_its_entries_are() {
        assert!(PREDICATES.is_sorted_by(|a, b| a.name < b.name));
        assert!(PREDICATES.iter().all(|predicate| !predicate.help.is_empty()));
    }
}
