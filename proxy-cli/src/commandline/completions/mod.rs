//! Shell completions, made from the table of flags.

mod bash;
mod fish;
mod zsh;

use super::flags::{Argument, Flag, Hint};
use super::shell::Shell;

/// Returns the completion file for a shell.
pub(crate) fn completions(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash::script(),
        Shell::Zsh => zsh::script(),
        Shell::Fish => fish::script(),
    }
}

/// Returns the completions for the value of a flag; `None` if the next word is not its value.
fn hint(flag: &Flag) -> Option<Hint> {
    match flag.argument {
        Argument::Next(_, hint) => Some(hint),
        Argument::None | Argument::Tail(_) | Argument::Rest(_) => None,
    }
}
