//! Valid and invalid command lines.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use super::error::UsageError;
use super::flags::FLAGS;
use super::options::Mebibytes;
use super::subcommands::SUBCOMMANDS;
use super::version::Kind;
use super::*;

fn read(line: &str) -> Result<Command, UsageError> {
    parse(line.split_whitespace().map(OsString::from))
}

/// Returns the options of `-f a.cfg` with a change.
fn with(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options { files: vec![PathBuf::from("a.cfg")], ..Options::default() };
    change(&mut options);
    options
}

#[test]
fn flags_set_what_they_say() {
    let off = |change: fn(&mut Switches)| with(|to| change(&mut to.switches));
    for (line, expected) in [
        ("-f a.cfg", with(|_| ())),
        ("--config a.cfg", with(|_| ())),
        ("--config=a.cfg", with(|_| ())),
        ("-- a.cfg", with(|_| ())),
        ("-f a.cfg --", with(|_| ())),
        ("-f a.cfg -f b", with(|to| to.files.push("b".into()))),
        ("-f a.cfg -- -d b", with(|to| to.files.extend(["-d".into(), "b".into()]))),
        ("-f a.cfg -f -d", with(|to| to.files.push("-d".into()))),
        ("-d -f a.cfg", with(|to| to.debug = true)),
        ("-db -f a.cfg", with(|to| to.foreground = true)),
        ("-D -f a.cfg -p x.pid", with(|to| (to.daemon, to.pidfile) = (true, Some("x.pid".into())))),
        ("-p -D -f a.cfg", with(|to| to.pidfile = Some("-D".into()))),
        ("-f a.cfg --pidfile=a=b", with(|to| to.pidfile = Some("a=b".into()))),
        ("-p a -p b -f a.cfg", with(|to| to.pidfile = Some("b".into()))),
        ("-q -f a.cfg", with(|to| to.quiet = true)),
        ("-V -q -f a.cfg", with(|to| (to.quiet, to.verbose) = (true, true))),
        ("-n 10 -f a.cfg", with(|to| to.maxconn = Some(10))),
        ("-n 0 -f a.cfg", with(|_| ())),
        ("-n 10 -n 0 -f a.cfg", with(|_| ())),
        ("-N 2147483647 -f a.cfg", with(|to| to.proxy_maxconn = Some(2_147_483_647))),
        ("-m 256 -f a.cfg", with(|to| to.memory = Some(Mebibytes(256)))),
        ("-L A -f a.cfg", with(|to| to.local_peer = Some("A".into()))),
        ("-C /etc -f a.cfg", with(|to| to.directory = Some("/etc".into()))),
        ("-dW -f a.cfg", with(|to| to.zero_warning = true)),
        ("-dD -f a.cfg", with(|to| to.diagnostics = true)),
        ("-dR -f a.cfg", off(|to| to.reuse_port = false)),
        ("-dS -f a.cfg", off(|to| to.splice = false)),
        ("-dG -f a.cfg", off(|to| to.getaddrinfo = false)),
        ("-dF -f a.cfg", off(|to| to.fast_forward = false)),
        ("-dM -de -dp -dT -dZ -f a.cfg", with(|_| ())),
        ("-dI -f a.cfg", off(|to| to.fork = true)),
        ("-dM0x50,no-merge -f a.cfg", with(|_| ())),
        ("-dM80 -dM-1 -dMno-merge,cold-first,integrity,caller -f a.cfg", with(|_| ())),
        (
            "-d -dM -dI -dW -f a.cfg",
            with(|to| (to.debug, to.zero_warning, to.switches.fork) = (true, true, true)),
        ),
        (
            "-f a.cfg -dW -m 256 -dI -L B -dM -d",
            with(|to| {
                (to.debug, to.zero_warning, to.switches.fork) = (true, true, true);
                (to.memory, to.local_peer) = (Some(Mebibytes(256)), Some("B".into()));
            }),
        ),
    ] {
        assert_eq!(read(line), Ok(Command::Run(expected)), "{line}");
    }
}

#[test]
fn commands_are_distinguished() {
    let condition = |expression: &str, switches| {
        Command::Condition(Condition { expression: expression.to_owned(), switches })
    };
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let default = Switches::default();
    for (line, expected) in [
        ("", Command::Default),
        ("-c -f a.cfg", Command::Check(with(|_| ()))),
        ("-f a.cfg -c", Command::Check(with(|_| ()))),
        (
            "-c -dM -dI -dW -V -f a.cfg",
            Command::Check(with(|to| (to.zero_warning, to.verbose, to.switches.fork) = (true, true, true))),
        ),
        ("--check --config=a.cfg", Command::Check(with(|_| ()))),
        ("-cc 1", condition("1", default)),
        ("-c -cc 1 -f a.cfg", condition("1", default)),
        ("-cc 0 -cc -1000&&200", condition("-1000&&200", default)),
        ("--check-condition=enabled(SPLICE)", condition("enabled(SPLICE)", default)),
        (
            "-dM -dI -dW -dS -cc enabled(SPLICE)",
            condition("enabled(SPLICE)", Switches { splice: false, fork: true, ..default }),
        ),
        ("-v", Command::Version(Kind::Both)),
        ("--version", Command::Version(Kind::Both)),
        ("-v -nonsense", Command::Version(Kind::Both)),
        ("-dM -dI -dW -vv", Command::Listing),
        ("-vq", Command::Version(Kind::Spoken)),
        ("-vqs", Command::Version(Kind::SpokenRelease)),
        ("-vqb", Command::Version(Kind::SpokenBranch)),
        ("-h", Command::Help),
        ("-f a.cfg --help", Command::Help),
        ("--dump-keywords", Command::DumpKeywords),
        ("--man", Command::Man),
        ("--completions zsh", Command::Completions(Shell::Zsh)),
        ("--completions=bash", Command::Completions(Shell::Bash)),
        ("forward -f --log", Command::Forward(words(&["-f", "--log"]))),
        ("probe", Command::Probe(Vec::new())),
        ("probe --help -- x", Command::Probe(words(&["--help", "--", "x"]))),
    ] {
        assert_eq!(read(line), Ok(expected), "{line}");
    }
}

#[test]
fn wrong_ones_say_what_is_wrong() {
    for (line, expected) in [
        ("-d", "no configuration; -f FILE names one"),
        ("-c", "no configuration"),
        ("--", "no configuration"),
        ("-f", "missing argument after -f: FILE|DIR"),
        ("-d -L", "missing argument after -L: NAME"),
        ("-cc", "missing argument after -cc: EXPR"),
        ("--config", "missing argument after -f: FILE|DIR"),
        ("--config=", "-f takes a path, not ''"),
        ("a.cfg", "'a.cfg' is not a flag; a configuration is named with -f"),
        ("-f a.cfg b.cfg", "'b.cfg' is not a flag; a configuration is named with -f"),
        ("froward x", "'froward' is not a flag; did you mean forward?"),
        ("-d forward x", "'forward' is not a flag; 'forward' must be the first word"),
        ("-", "unknown flag '-'"),
        ("-n10 -f a.cfg", "'-n10': -n takes its value as the next word: -n 10"),
        ("-f=a.cfg", "'-f=a.cfg': -f takes its value as the next word: -f a.cfg"),
        ("-f/etc/a.cfg", "-f takes its value as the next word: -f /etc/a.cfg"),
        ("-n ten -f a.cfg", "-n takes a number from 0 to 2147483647, not 'ten'"),
        ("-n -1 -f a.cfg", "not '-1'"),
        ("-n +1 -f a.cfg", "not '+1'"),
        ("-N 2147483648 -f a.cfg", "-N takes a number from 0 to 2147483647, not '2147483648'"),
        ("-m 1G -f a.cfg", "-m takes a number of megabytes, not '1G'"),
        ("-cV -f a.cfg", "'-cV': write flags as separate words: -c -V"),
        ("-Dq", "write flags as separate words: -D -q"),
        ("--check=yes", "--check takes no value, found 'yes'"),
        ("--chekc", "unknown flag '--chekc'; did you mean --check?"),
        ("-config a", "unknown flag '-config'; did you mean --config?"),
        ("--f a", "unknown flag '--f'; did you mean -f?"),
        ("-H", "unknown flag '-H'; did you mean -h?"),
        ("-dw", "unknown flag '-dw'; did you mean -dW?"),
        ("-k", "unknown flag '-k'"),
        ("-dx", "unknown flag '-dx'"),
        ("--nonsense=1", "unknown flag '--nonsense=1'"),
        (
            "-dMfail",
            "-dM takes a byte and the words of HAProxy's pools, without 'fail' and 'help', not 'fail'",
        ),
        ("-dMhelp", "not 'help'"),
        ("-dM256", "not '256'"),
        ("-dM0x100", "not '0x100'"),
        ("-dMcaller,80", "not 'caller,80'"),
        ("--completions", "missing argument after --completions: SHELL"),
        ("--completions tcsh", "--completions takes bash, zsh or fish, not 'tcsh'"),
        ("-W -f a.cfg", "-W (master and workers) is not supported yet"),
        (
            "-Ws -S fd@3 -f a.cfg",
            "-Ws (master and workers under systemd) is not supported yet; systemd is notified without it",
        ),
        ("-S fd@3", "-S (the master's command line) is not supported yet"),
        ("-f a.cfg -sf 1 2", "-sf (end old processes softly) is not supported yet; SIGUSR1 ends one softly"),
        ("-st", "-st (end old processes at once) is not supported yet"),
        ("-x /run/s", "-x (take the sockets of an old process) is not supported yet"),
        ("-dKall", "-dK (list keywords by class) is not supported yet; --dump-keywords lists them all"),
        ("-dC", "-dC (show the configuration) is not supported yet"),
        ("-dC1234,line", "-dC (show the configuration) is not supported yet"),
        ("-dt h1", "-dt (traces) is not supported yet"),
        ("-dA/tmp/x.tar", "-dA (collect libraries in an archive) is not supported yet"),
        ("-dr -f a.cfg", "-dr (start though server names have no address) is not supported yet"),
        ("-dV -f a.cfg", "-dV (servers without verified certificates) is not supported yet"),
        ("-dL -f a.cfg", "-dL (list loaded object files) is not supported yet"),
        ("-dc -f a.cfg", "-dc (list the processors that are used) is not supported yet"),
        ("-4 -f a.cfg", "-4 (only IPv4 answers of name servers) is not supported yet"),
    ] {
        let error = read(line).expect_err(line).to_string();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn a_file_name_may_have_any_bytes_and_a_text_may_not() {
    let name = OsString::from_vec(b"/etc/\xff.cfg".to_vec());
    let Ok(Command::Run(options)) = parse(["-f".into(), name.clone()]) else { panic!() };
    assert_eq!(options.files, [PathBuf::from(&name)]);
    let long = OsString::from_vec(b"--pidfile=/run/\xff".to_vec());
    let Ok(Command::Run(options)) = parse(["-f".into(), name.clone(), long]) else { panic!() };
    assert_eq!(options.pidfile.unwrap().as_os_str().as_bytes(), b"/run/\xff");
    let Ok(Command::Probe(words)) = parse(["probe".into(), name.clone()]) else { panic!() };
    assert_eq!(words, std::slice::from_ref(&name));
    for flag in ["-L", "-cc", "-n", "--completions"] {
        assert!(matches!(parse([flag.into(), name.clone()]), Err(UsageError::Value { .. })), "{flag}");
    }
    assert!(matches!(parse([name]), Err(UsageError::NotAFlag { .. })));
}

#[test]
fn an_empty_word_is_no_flag_and_no_file() {
    assert!(matches!(parse([OsString::new()]), Err(UsageError::NotAFlag { .. })));
    assert!(matches!(parse(["-f".into(), OsString::new()]), Err(UsageError::Value { .. })));
    assert!(matches!(parse(["--".into(), OsString::new()]), Err(UsageError::Value { flag: "--", .. })));
    let condition = Condition { expression: String::new(), switches: Switches::default() };
    assert_eq!(parse(["-cc".into(), OsString::new()]), Ok(Command::Condition(condition)), "false, not wrong");
}

#[test]
fn a_message_is_one_line_without_escapes() {
    let error = parse(["-x\n\x1b[31m\u{9b}".into()]).unwrap_err().to_string();
    assert!(!error.chars().any(char::is_control), "{error:?}");
}

#[test]
fn names_are_unique_and_well_formed() {
    let mut names: Vec<_> = FLAGS.iter().flat_map(|flag| flag.names()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for flag in FLAGS {
        assert!(!flag.help.is_empty() && !flag.help.ends_with('.'), "{}", flag.name());
        assert!(flag.long.is_empty() || flag.long.starts_with("--"), "{}", flag.long);
        assert!(
            flag.short.is_empty() || flag.short == "--" || !flag.short.starts_with("--"),
            "{}",
            flag.short
        );
    }
}

#[test]
fn the_help_of_subcommands_and_the_table_agree() {
    let helps = [("forward", crate::forward::arguments::HELP), ("probe", crate::probe::arguments::HELP)];
    for (subcommand, (name, help)) in SUBCOMMANDS.iter().zip(helps) {
        assert_eq!(subcommand.name, name);
        let of_help: Vec<_> = help
            .lines()
            .filter_map(|line| line.strip_prefix("  --"))
            .map(|line| line.split([' ', '[']).next().unwrap())
            .collect();
        let of_table: Vec<_> =
            subcommand.options.iter().map(|option| option.name.trim_start_matches('-')).collect();
        assert_eq!(of_help, of_table, "{name}");
        for option in subcommand.options {
            assert!(help.contains(option.help), "{name} {}: {}", option.name, option.help);
            assert!(help.contains(&option.synopsis()), "{name} {}", option.synopsis());
        }
    }
}
