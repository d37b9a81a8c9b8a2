//! `-h`, in 80 columns.

use super::flags::{FLAGS, Group, supported};
use super::subcommands::SUBCOMMANDS;

/// The widest line.
const WIDTH: usize = 80;
/// The column of explanations.
const COLUMN: usize = 27;

/// Returns the text.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "braid - a proxy and load balancer for TCP, Multipath TCP and HTTP\n\n\
         usage:\n  braid                      a demonstration, with the embedded configuration\n\
         \x20 braid -f FILE [flags]      serve what a configuration says\n",
    );
    for subcommand in SUBCOMMANDS {
        let left = format!("braid {} {}", subcommand.name, subcommand.arguments);
        entry(&mut text, &left, subcommand.help);
    }
    for group in Group::ALL {
        text.push_str(&format!("\n{}:\n", group.title()));
        for flag in supported().filter(|flag| flag.group == group) {
            entry(&mut text, &flag.synopsis(), flag.help);
        }
    }
    text.push_str("\nNot supported yet:\n");
    let refused: Vec<_> = FLAGS.iter().filter(|flag| !flag.is_supported()).map(|flag| flag.short).collect();
    paragraph(&mut text, &refused.join(" "));
    for subcommand in SUBCOMMANDS {
        text.push_str(&format!("\nOptions of {}:\n", subcommand.name));
        for option in subcommand.options {
            entry(&mut text, &option.synopsis(), option.help);
        }
    }
    text.push_str("\nSignals:\n");
    entry(&mut text, "SIGINT, SIGTERM", "end at once");
    entry(&mut text, "SIGUSR1", "end with the last connection");
    entry(&mut text, "SIGHUP", "print and log the state of proxies and servers");
    entry(&mut text, "SIGTTOU, SIGTTIN", "stop listening, and listen again");
    text
}

/// Writes an entry, in several lines if the left or the right side is long.
fn entry(text: &mut String, left: &str, right: &str) {
    let mut line = format!("  {left}");
    if line.chars().count() + 2 > COLUMN + 2 {
        text.push_str(&line);
        text.push('\n');
        line.clear();
    }
    for part in wrap(right, WIDTH - COLUMN - 2) {
        text.push_str(&format!("{line:<0$}{part}\n", COLUMN + 2));
        line.clear();
    }
}

fn paragraph(text: &mut String, words: &str) {
    for line in wrap(words, WIDTH - 2) {
        text.push_str(&format!("  {line}\n"));
    }
}

/// Breaks a text into lines of at most `width` characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_a_terminal_and_names_every_flag() {
        let text = help();
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(!line.ends_with(' '), "{line:?}");
        }
        for flag in FLAGS {
            assert!(flag.names().all(|name| text.contains(name)), "{}", flag.name());
        }
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("abcdef g", 4), ["abcdef", "g"]);
    }
}
