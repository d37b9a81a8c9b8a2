//! What the shells complete flags with, made from the table.

mod bash;
mod fish;
mod zsh;

use super::flags::{Argument, Flag, Hint};
use super::shell::Shell;

/// The file for a shell.
pub(crate) fn completions(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash::script(),
        Shell::Zsh => zsh::script(),
        Shell::Fish => fish::script(),
    }
}

/// What is offered for the value of a flag; `None` where the next word is no value.
fn hint(flag: &Flag) -> Option<Hint> {
    match flag.argument {
        Argument::Next(_, hint) => Some(hint),
        Argument::None | Argument::Tail(_) | Argument::Rest(_) => None,
    }
}
