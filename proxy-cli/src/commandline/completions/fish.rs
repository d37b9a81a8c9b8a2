//! Fish.

use std::fmt::Write as _;

use super::super::flags::{Argument, Flag, Hint, supported};
use super::super::subcommands::{SUBCOMMANDS, Subcommand};
use super::hint;

pub(super) fn script() -> String {
    let names: Vec<_> = SUBCOMMANDS.iter().map(|subcommand| subcommand.name).collect();
    let mut text = String::from(
        "# Completions of braid for fish; made by: braid --completions fish\n\ncomplete -c braid -f\n",
    );
    for subcommand in SUBCOMMANDS {
        let help = quoted(subcommand.help);
        let _ = writeln!(text, "complete -c braid -n __fish_is_first_arg -a {} -d {help}", subcommand.name);
    }
    let alone = quoted(&format!("not __fish_seen_subcommand_from {}", names.join(" ")));
    for flag in supported().filter(|flag| !matches!(flag.argument, Argument::Rest(_))) {
        let _ = writeln!(text, "complete -c braid -n {alone}{} -d {}", switch(flag), quoted(flag.help));
    }
    // Behind -- all words are files.
    text.push_str("complete -c braid -n 'contains -- -- (commandline -opc)' -F\n");
    for subcommand in SUBCOMMANDS {
        options(&mut text, subcommand);
    }
    text
}

/// The names and the value. A short flag is an "old-style" option (`-o`) even if it has one letter: those with `-s`
/// fish would offer to write as one word.
fn switch(flag: &Flag) -> String {
    let mut text = String::new();
    for name in flag.names() {
        let _ = match name.strip_prefix("--") {
            Some(long) => write!(text, " -l {long}"),
            None => write!(text, " -o {}", name.trim_start_matches('-')),
        };
    }
    text.push_str(&match hint(flag) {
        None => String::new(),
        Some(Hint::File) => " -r -F".to_owned(),
        Some(Hint::Directory) => " -x -a '(__fish_complete_directories)'".to_owned(),
        Some(Hint::Words(words)) => format!(" -x -a {}", quoted(&words.join(" "))),
        Some(Hint::Nothing) => " -x".to_owned(),
    });
    text
}

fn options(text: &mut String, subcommand: &Subcommand) {
    let condition = quoted(&format!("__fish_seen_subcommand_from {}", subcommand.name));
    for option in subcommand.options {
        let name = option.name.trim_start_matches('-');
        let value = if option.takes_a_word() { " -x" } else { "" };
        let _ =
            writeln!(text, "complete -c braid -n {condition} -l {name}{value} -d {}", quoted(option.help));
    }
    let _ = writeln!(text, "complete -c braid -n {condition} -l help -d 'its help'");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
