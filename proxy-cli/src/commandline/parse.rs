//! Parsing words into a command.
//!
//! A value is the next word whatever it begins with, as in HAProxy, so that every file name can be given. A flag is one
//! whole word: HAProxy looks only at its first letters and ignores the rest (`-cV` checks and is not verbose), here
//! that is an error.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use proto_core::words::nearest;

use super::Command;
use super::error::UsageError;
use super::flags::{Argument, Effect, FLAGS, Flag, supported};
use super::reading::Reading;
use super::subcommands::SUBCOMMANDS;

/// Reads the arguments, without the name of the program.
///
/// # Errors
/// Returns the first error.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut words = arguments.into_iter();
    let Some(first) = words.next() else { return Ok(Command::Default) };
    if let Some(subcommand) = SUBCOMMANDS.iter().find(|subcommand| first == subcommand.name) {
        return Ok((subcommand.command)(words.collect()));
    }
    let mut reading = Reading::default();
    let mut next = Some(first);
    while let Some(word) = next {
        let (flag, glued) = find(&word)?;
        let value = match (flag.argument, glued) {
            (Argument::Next(..), None) => match words.next() {
                Some(value) => value,
                None => return Err(missing(flag)),
            },
            (_, glued) => glued.unwrap_or_default().to_owned(),
        };
        let wrong = |expected| UsageError::Value { flag: flag.name(), expected, found: shown(&value) };
        match flag.effect {
            Effect::Set(set) => set(&mut reading),
            Effect::Take(take) => take(&mut reading, &value).map_err(wrong)?,
            Effect::Ask(ask) => return ask(&value).map_err(wrong),
            Effect::Files => {
                for file in words.by_ref() {
                    let wrong = |expected| UsageError::Value { flag: "--", expected, found: shown(&file) };
                    reading.file(&file).map_err(wrong)?;
                }
            }
            Effect::Unsupported(instead) => {
                return Err(UsageError::Unsupported { flag: flag.name(), what: flag.help, instead });
            }
        }
        next = words.next();
    }
    reading.finish()
}

/// Returns the flag of a word, and the value in the same word: after `=` of a long one, or the tail of a short one.
fn find(word: &OsStr) -> Result<(&'static Flag, Option<&OsStr>), UsageError> {
    if !word.as_bytes().starts_with(b"-") {
        return Err(not_a_flag(word));
    }
    if let Some(flag) = FLAGS.iter().find(|flag| flag.names().any(|name| word == name)) {
        return Ok((flag, None));
    }
    if word.as_bytes().starts_with(b"--") {
        if let Some((name, value)) = split(word, |byte| byte == b'=')
            && let Some(flag) = FLAGS.iter().find(|flag| name == flag.long)
        {
            return match flag.argument {
                Argument::Next(..) => Ok((flag, Some(value))),
                _ => Err(UsageError::NeedsNone { flag: flag.long, value: shown(value) }),
            };
        }
        return Err(unknown(word));
    }
    let tail_of = |flag: &Flag| word.as_bytes().strip_prefix(flag.short.as_bytes()).map(OsStr::from_bytes);
    for flag in FLAGS.iter().filter(|flag| !flag.short.is_empty()) {
        match (flag.argument, tail_of(flag)) {
            (Argument::Tail(_), Some(tail)) => return Ok((flag, Some(tail))),
            (Argument::Next(..), Some(tail)) if begins_a_value(flag, tail) => {
                let value = shown(tail.as_bytes().strip_prefix(b"=").map_or(tail, OsStr::from_bytes));
                return Err(UsageError::Glued { word: shown(word), flag: flag.short, value });
            }
            _ => {}
        }
    }
    Err(unknown(word))
}

/// Returns whether the rest of a word was meant as the value of a flag: `-n10`, `-f=a.cfg`, `-f/etc/a.cfg`.
fn begins_a_value(flag: &Flag, tail: &OsStr) -> bool {
    let digits = matches!(flag.short, "-n" | "-N" | "-m") && tail.as_bytes().iter().all(u8::is_ascii_digit);
    digits || tail.as_bytes().starts_with(b"=") || tail.as_bytes().contains(&b'/')
}

fn missing(flag: &Flag) -> UsageError {
    let value = match flag.argument {
        Argument::Next(value, _) | Argument::Tail(value) | Argument::Rest(value) => value,
        Argument::None => "nothing",
    };
    UsageError::Missing { flag: flag.name(), value }
}

fn not_a_flag(word: &OsStr) -> UsageError {
    let hint = match word.to_str() {
        Some(name) if SUBCOMMANDS.iter().any(|subcommand| subcommand.name == name) => {
            format!("'{name}' must be the first word")
        }
        Some(name) => match nearest(name, SUBCOMMANDS.iter().map(|subcommand| subcommand.name)) {
            Some(near) => format!("did you mean {near}?"),
            None => "a configuration is named with -f".to_owned(),
        },
        None => "a configuration is named with -f".to_owned(),
    };
    UsageError::NotAFlag { word: shown(word), hint }
}

fn unknown(word: &OsStr) -> UsageError {
    let shown = shown(word);
    let text = word.to_str().unwrap_or_default();
    if let Some(apart) = apart(text) {
        return UsageError::Bundled { word: shown, apart };
    }
    UsageError::Unknown { word: shown, nearest: nearest_flag(text) }
}

/// Separates flags of one letter that were written as one word.
fn apart(word: &str) -> Option<String> {
    let letters = word.strip_prefix('-').filter(|letters| letters.chars().count() > 1)?;
    let flag_of = |letter: char| {
        let is_it = |flag: &&Flag| {
            flag.argument == Argument::None
                && flag.short.strip_prefix('-') == Some(letter.encode_utf8(&mut [0; 4]))
        };
        supported().find(is_it).map(|flag| flag.short)
    };
    let flags: Vec<_> = letters.chars().map(flag_of).collect::<Option<_>>()?;
    Some(flags.join(" "))
}

/// Returns the flag that was meant. In a word of two or three letters every letter counts, so only case and dashes may
/// differ.
fn nearest_flag(word: &str) -> Option<&'static str> {
    let letters = word.trim_start_matches('-');
    let names = || supported().flat_map(Flag::names);
    let same = |name: &&str| {
        let name = name.trim_start_matches('-');
        !name.is_empty() && name.eq_ignore_ascii_case(letters)
    };
    if let Some(name) = names().find(same) {
        return Some(name);
    }
    nearest(word, names().filter(|name| name.starts_with("--") && name.len() > 2))
}

fn split(word: &OsStr, at: impl Fn(u8) -> bool) -> Option<(&OsStr, &OsStr)> {
    let bytes = word.as_bytes();
    let place = bytes.iter().position(|byte| at(*byte))?;
    Some((OsStr::from_bytes(&bytes[..place]), OsStr::from_bytes(&bytes[place + 1..])))
}

/// Prepares a word for a message: one line, without control characters for a terminal.
fn shown(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    text.chars()
        .flat_map(|letter| {
            let escaped = letter.is_control().then(|| letter.escape_default());
            let plain = escaped.is_none().then_some(letter);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}
