# Completions of braid for bash; made by: braid --completions bash

_braid() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word
    # The '=' of --config=FILE is a word of its own.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    COMPREPLY=()
    if (( COMP_CWORD > 1 )); then
        case ${COMP_WORDS[1]} in
            forward)
                case $prev in
                    --threads|--maxconn|--timeout-connect|--timeout|--timeout-fin) return ;;
                esac
                _braid_reply -W '--log --threads --maxconn --timeout-connect --timeout --timeout-fin --help'
                return
                ;;
            probe)
                case $prev in
                    --timeout) return ;;
                esac
                _braid_reply -W '--get --hold --json --timeout --help'
                return
                ;;
        esac
    fi
    # Behind -- all words are files.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == -- ]]; then
            _braid_reply -f ''
            return
        fi
    done
    case $prev in
        -f|--config|-p|--pidfile)
            _braid_reply -f ''
            return
            ;;
        -C|--directory)
            _braid_reply -d ''
            return
            ;;
        --completions)
            _braid_reply -W 'bash zsh fish'
            return
            ;;
        -L|--localpeer|-cc|--check-condition|-n|--maxconn|-N|--proxy-maxconn|-m|--memory)
            return
            ;;
    esac
    if (( COMP_CWORD == 1 )) && [[ $cur != -* ]]; then
        _braid_reply -W 'forward probe'
        return
    fi
    _braid_reply -W '-f --config -- -C --directory -D --daemon -db --foreground -d --debug -q --quiet -V --verbose -p --pidfile -L --localpeer -dR --no-reuseport -c --check -dW --zero-warning -dD --diagnostics -cc --check-condition -n --maxconn -N --proxy-maxconn -m --memory -h --help -v --version -vv --build -vq -vqs -vqb --dump-keywords --man --completions -dM -dI -dF -dG -dS -dT -dZ -de -dp'
}

# Fills COMPREPLY: -f files, -d directories, -W the given words.
_braid_reply() {
    if [[ $1 == -W ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$2" -- "$cur")
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
    fi
}

complete -F _braid braid
