//! Bash. The script needs no helper functions of the bash-completion package.

use super::super::flags::{Flag, Hint, supported};
use super::super::subcommands::{SUBCOMMANDS, Subcommand};
use super::hint;

pub(super) fn script() -> String {
    let names = |of: &mut dyn Iterator<Item = &'static str>| of.collect::<Vec<_>>();
    let subcommands = names(&mut SUBCOMMANDS.iter().map(|subcommand| subcommand.name)).join(" ");
    let flags = names(&mut supported().flat_map(Flag::names)).join(" ");
    let taking = |wanted: fn(Hint) -> bool| {
        let takes = |flag: &&'static Flag| hint(flag).is_some_and(wanted);
        names(&mut supported().filter(takes).flat_map(Flag::names)).join("|")
    };
    let words: String = supported()
        .filter_map(|flag| match hint(flag) {
            Some(Hint::Words(words)) => {
                Some(case(&names(&mut flag.names()).join("|"), "-W", &words.join(" ")))
            }
            _ => None,
        })
        .collect();
    let branches: String = SUBCOMMANDS.iter().map(branch).collect();
    let files = case(&taking(|hint| hint == Hint::File), "-f", "");
    let directories = case(&taking(|hint| hint == Hint::Directory), "-d", "");
    let nothing = taking(|hint| hint == Hint::Nothing);
    format!(
        r#"# Completions of braid for bash; made by: braid --completions bash

_braid() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} word
    # The '=' of --config=FILE is a word of its own.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    COMPREPLY=()
    if (( COMP_CWORD > 1 )); then
        case ${{COMP_WORDS[1]}} in
{branches}        esac
    fi
    # Behind -- all words are files.
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        if [[ $word == -- ]]; then
            _braid_reply -f ''
            return
        fi
    done
    case $prev in
{files}{directories}{words}        {nothing})
            return
            ;;
    esac
    if (( COMP_CWORD == 1 )) && [[ $cur != -* ]]; then
        _braid_reply -W '{subcommands}'
        return
    fi
    _braid_reply -W '{flags}'
}}

# Fills COMPREPLY: -f files, -d directories, -W the given words.
_braid_reply() {{
    if [[ $1 == -W ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$2" -- "$cur")
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
    fi
}}

complete -F _braid braid
"#
    )
}

fn case(pattern: &str, action: &str, words: &str) -> String {
    format!(
        "        {pattern})\n            _braid_reply {action} '{words}'\n            return\n            ;;\n"
    )
}

fn branch(subcommand: &Subcommand) -> String {
    let options: Vec<_> = subcommand.options.iter().map(|option| option.name).collect();
    let takers: Vec<_> =
        subcommand.options.iter().filter(|option| option.takes_a_word()).map(|option| option.name).collect();
    format!(
        r#"            {})
                case $prev in
                    {}) return ;;
                esac
                _braid_reply -W '{} --help'
                return
                ;;
"#,
        subcommand.name,
        takers.join("|"),
        options.join(" "),
    )
}
