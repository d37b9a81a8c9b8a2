//! Lists of commands: for `help`, and for a line that begins with no command.

use std::fmt::Write;

use proto_core::words::nearest;

use crate::command::{Command, Commands};
use crate::foreign;

/// The width of the column of commands, as in HAProxy: scripts rely on it.
const COLUMN: usize = 40;

/// The commands that every list has.
const ALWAYS: [&[&str]; 3] = [&["help"], &["prompt"], &["quit"]];

/// Returns the answer to `help` with the words after it.
pub(crate) fn help(commands: &Commands, words: &[String]) -> String {
    list("Available commands:", commands, words)
}

/// Returns the answer to a line that begins with no command.
pub(crate) fn unknown(commands: &Commands, words: &[String]) -> String {
    if let Some((command, why)) = foreign::find(words) {
        return format!("HAProxy command '{command}' is not supported: {why}.");
    }
    // Nothing that the client sent may look like further lines or move a terminal's cursor.
    let first = words.first().map_or("", String::as_str).escape_debug();
    list(&format!("Unknown command: '{first}'. Did you mean one of these:"), commands, words)
}

fn list(headline: &str, commands: &Commands, words: &[String]) -> String {
    let always = commands.iter().filter(|command| ALWAYS.contains(&command.words));
    let others = candidates(commands, words).into_iter().filter(|command| !ALWAYS.contains(&command.words));
    let mut text = format!("{headline}\n");
    for command in others.chain(always) {
        let mut usage = command.words.join(" ");
        if !command.arguments.is_empty() {
            usage = format!("{usage} {}", command.arguments);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {usage:<COLUMN$}: {}", command.help);
    }
    text
}

/// Returns the commands that share the longest prefix with these words. If the next word fits none of them, returns
/// those whose word at that place resembles it or begins with it, or all.
fn candidates<'c>(commands: &'c Commands, words: &[String]) -> Vec<&'c Command> {
    let common =
        |command: &Command| command.words.iter().zip(words).take_while(|(own, word)| own == word).count();
    let longest = commands.iter().map(common).max().unwrap_or(0);
    let is_listed = |command: &&Command| !command.help.is_empty();
    let same: Vec<_> =
        commands.iter().filter(is_listed).filter(|command| common(command) == longest).collect();
    let Some(next) = words.get(longest).filter(|next| !next.is_empty()) else { return same };
    let nexts = || same.iter().filter_map(|command| command.words.get(longest).copied());
    let near = nearest(next, nexts());
    let resembles = |command: &&Command| {
        command.words.get(longest).is_some_and(|word| Some(*word) == near || word.starts_with(next.as_str()))
    };
    let found: Vec<_> = same.iter().copied().filter(resembles).collect();
    if found.is_empty() { same } else { found }
}

#[cfg(test)]
mod tests {
    use proto_core::Registry;

    use super::*;
    use crate::answer::Answer;
    use crate::level::Level;

    // A command such as other crates register, next to those of this crate.
    inventory::submit! {
        Command::new(&["show", "info"], "[typed] [desc]", Level::User, "facts", |_| Ok(Answer::Nothing))
    }

    fn listed(line: &str) -> Vec<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let text = unknown(&Commands::linked(&Registry::default()).unwrap(), &words);
        let command =
            |line: &str| line[..line.find(" :").unwrap_or(line.len()).min(2 + COLUMN)].trim().to_owned();
        let mut commands: Vec<String> = text.lines().skip(1).map(command).collect();
        let always = commands.split_off(commands.len() - 3);
        assert!(always[0].starts_with("help") && always[1].starts_with("prompt") && always[2] == "quit");
        commands
    }

    #[test]
    fn commands_like_the_words_are_listed() {
        assert_eq!(listed("show cli"), ["show cli level", "show cli sockets"]);
        assert_eq!(listed("show cl"), ["show cli level", "show cli sockets"]);
        assert_eq!(listed("show inf"), ["show info [typed] [desc]"]);
        assert_eq!(listed("Show version"), listed("show"));
        assert_eq!(listed("operater"), ["operator [-]"]);
        assert!(listed("xyzzy").len() > 5);
    }

    #[test]
    fn words_of_a_client_are_escaped() {
        let words = ["a\n\n\u{1b}[2J".to_owned()];
        let text = unknown(&Commands::linked(&Registry::default()).unwrap(), &words);
        assert!(text.starts_with("Unknown command: 'a\\n\\n\\u{1b}[2J'"), "{text}");
    }
}
