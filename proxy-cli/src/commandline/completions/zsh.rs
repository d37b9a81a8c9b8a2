//! Zsh, for its completion system (`_arguments`).

use super::super::flags::{Argument, Flag, Hint, supported};
use super::super::subcommands::{SUBCOMMANDS, Subcommand, SubcommandOption};
use super::hint;

pub(super) fn script() -> String {
    let described: Vec<_> = SUBCOMMANDS
        .iter()
        .map(|subcommand| quoted(&format!("{}:{}", subcommand.name, subcommand.help)))
        .collect();
    let branches: String = SUBCOMMANDS.iter().map(branch).collect();
    let flags: Vec<_> = supported().flat_map(specs).collect();
    format!(
        r#"#compdef braid
# Completions of braid for zsh; made by: braid --completions zsh

_braid() {{
    local -a subcommands=({})
    (( CURRENT > 2 )) && case $words[2] in
{branches}    esac
    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
        _describe subcommand subcommands
        return
    fi
    # Behind -- all words are files.
    if (( ${{words[(I)--]}} && ${{words[(I)--]}} < CURRENT )); then
        _files
        return
    fi
    _arguments \
        {}
}}

if [[ $funcstack[1] == _braid ]]; then
    _braid "$@"
else
    compdef _braid braid
fi
"#,
        described.join(" "),
        flags.join(" \\\n        "),
    )
}

/// A specification for each name of a flag. A flag of which there can be one excludes its other name.
fn specs(flag: &'static Flag) -> Vec<String> {
    let exclusion = match flag.short {
        "-f" => "*".to_owned(),
        _ => format!("({})", flag.names().collect::<Vec<_>>().join(" ")),
    };
    let spec = |name: &str| {
        let equals = if name.starts_with("--") && hint(flag).is_some() { "=" } else { "" };
        quoted(&format!("{exclusion}{name}{equals}[{}]{}", bracketed(flag.help), value(flag)))
    };
    flag.names().map(spec).collect()
}

fn value(flag: &Flag) -> String {
    let Argument::Next(name, hint) = flag.argument else { return String::new() };
    let action = match hint {
        Hint::File => "_files".to_owned(),
        Hint::Directory => "_files -/".to_owned(),
        Hint::Words(words) => format!("({})", words.join(" ")),
        Hint::Nothing => " ".to_owned(),
    };
    format!(":{name}:{action}")
}

fn branch(subcommand: &Subcommand) -> String {
    let spec = |option: &SubcommandOption| {
        let value = if option.takes_a_word() { format!(":{}: ", option.argument) } else { String::new() };
        quoted(&format!("{}[{}]{value}", option.name, bracketed(option.help)))
    };
    let help = quoted("--help[its help]");
    let specs: Vec<_> = subcommand.options.iter().map(spec).chain([help, quoted("*: : ")]).collect();
    format!(
        r#"        {})
            shift words
            (( CURRENT-- ))
            _arguments \
                {}
            return
            ;;
"#,
        subcommand.name,
        specs.join(" \\\n                "),
    )
}

/// In brackets a bracket ends, and outside of them a colon.
fn bracketed(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
