//! The table of flags.
//!
//! A flag of HAProxy that means something to its innards alone is accepted without meaning only where nobody could
//! see a difference. One that would be missed is known and refused, which is better than a proxy that does something
//! else than its start script says.

use std::ffi::OsStr;

use self::Argument::{Next, Rest, Tail};
use self::Effect::{Ask, Files, Set, Take, Unsupported};
use self::Group::{Check, Compatibility, Inspect, Limits, Run};
use super::Command;
use super::options::Mebibytes;
use super::reading::Reading;
use super::shell::Shell;
use super::values::{Expected, connections, number, path, pools, text};
use super::version::Kind;

/// One flag.
#[derive(Clone, Copy)]
pub(crate) struct Flag {
    /// As HAProxy writes it, with its dash; empty for what only Braid has.
    pub(crate) short: &'static str,
    /// For people, with its dashes; empty for what only scripts need.
    pub(crate) long: &'static str,
    pub(crate) argument: Argument,
    /// One line.
    pub(crate) help: &'static str,
    pub(crate) group: Group,
    pub(crate) effect: Effect,
}

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    /// The next word, or for the long form what stands behind `=`.
    Next(&'static str, Hint),
    /// What is written to the flag in the same word, perhaps nothing.
    Tail(&'static str),
    /// All words that follow.
    Rest(&'static str),
}

/// What a shell offers for an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    File,
    Directory,
    Words(&'static [&'static str]),
    Nothing,
}

/// Where a flag stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Run,
    Check,
    Limits,
    Inspect,
    Compatibility,
}

impl Group {
    pub(crate) const ALL: [Group; 5] =
        [Group::Run, Group::Check, Group::Limits, Group::Inspect, Group::Compatibility];

    /// The heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Group::Run => "Running",
            Group::Check => "Checking a configuration",
            Group::Limits => "Limits",
            Group::Inspect => "Asking the program",
            Group::Compatibility => "Of HAProxy, accepted without effect on what is served",
        }
    }
}

/// What a flag does.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// Sets something.
    Set(fn(&mut Reading)),
    /// Takes its argument.
    Take(fn(&mut Reading, &OsStr) -> Result<(), Expected>),
    /// Is the command; nothing behind it is read.
    Ask(fn(&OsStr) -> Result<Command, Expected>),
    /// Every word that follows is a file.
    Files,
    /// Is known and cannot be served; perhaps something else can.
    Unsupported(Option<&'static str>),
}

impl Flag {
    /// The name in messages: the short one, if there is one.
    pub(crate) fn name(&self) -> &'static str {
        if self.short.is_empty() { self.long } else { self.short }
    }

    /// Both names, those that are there.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.short, self.long].into_iter().filter(|name| !name.is_empty())
    }

    /// The flag with its argument, as the help shows it.
    pub(crate) fn synopsis(&self) -> String {
        let names = self.names().collect::<Vec<_>>().join(", ");
        match self.argument {
            Argument::None => names,
            Argument::Next(value, _) | Argument::Rest(value) => format!("{names} {value}"),
            Argument::Tail(value) => format!("{names}{value}"),
        }
    }

    pub(crate) fn is_supported(&self) -> bool {
        !matches!(self.effect, Effect::Unsupported(_))
    }
}

/// Those that do something, or are accepted.
pub(crate) fn supported() -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().filter(|flag| flag.is_supported())
}

const FILE: Argument = Next("FILE", Hint::File);
const NUMBER: Argument = Next("N", Hint::Nothing);

/// All of them, in the order of the help.
pub(crate) static FLAGS: &[Flag] = &[
    flag("-f", "--config", Next("FILE|DIR", Hint::File), Run, Take(|to, value| to.file(value)))
        .help("configuration: a file, or a directory of *.cfg; repeatable"),
    flag("--", "", Rest("FILE..."), Run, Files).help("all words behind it are configuration files"),
    flag(
        "-C",
        "--directory",
        Next("DIR", Hint::Directory),
        Run,
        Take(|to, value| path(value).map(|path| to.options.directory = Some(path))),
    )
    .help("change to DIR before reading files"),
    flag("-D", "--daemon", Argument::None, Run, Set(|to| to.options.daemon = true))
        .help("go to the background"),
    flag("-db", "--foreground", Argument::None, Run, Set(|to| to.options.foreground = true))
        .help("stay in the foreground, whatever the configuration says"),
    flag("-d", "--debug", Argument::None, Run, Set(|to| to.options.debug = true))
        .help("stay in the foreground and tell what happens"),
    flag("-q", "--quiet", Argument::None, Run, Set(|to| to.options.quiet = true))
        .help("say nothing but errors"),
    flag("-V", "--verbose", Argument::None, Run, Set(|to| to.options.verbose = true))
        .help("say more; undoes -q"),
    flag(
        "-p",
        "--pidfile",
        FILE,
        Run,
        Take(|to, value| path(value).map(|path| to.options.pidfile = Some(path))),
    )
    .help("write the process id to FILE"),
    flag(
        "-L",
        "--localpeer",
        Next("NAME", Hint::Nothing),
        Run,
        Take(|to, value| {
            text(value, "the name of a peer").map(|name| to.options.local_peer = Some(name.to_owned()))
        }),
    )
    .help("name of this process among peers (default: host name)"),
    flag("-dR", "--no-reuseport", Argument::None, Run, Set(|to| to.options.switches.reuse_port = false))
        .help("do not listen on addresses that overlap (SO_REUSEPORT)"),
    flag("-c", "--check", Argument::None, Check, Set(|to| to.check = true))
        .help("check the configuration and exit"),
    flag("-dW", "--zero-warning", Argument::None, Check, Set(|to| to.options.zero_warning = true))
        .help("fail if there is any warning"),
    flag("-dD", "--diagnostics", Argument::None, Check, Set(|to| to.options.diagnostics = true))
        .help("also say what is only suspicious"),
    flag(
        "-cc",
        "--check-condition",
        Next("EXPR", Hint::Nothing),
        Check,
        Take(|to, value| {
            let expression = value.to_str().ok_or("a condition in UTF-8")?;
            to.condition = Some(expression.to_owned());
            Ok(())
        }),
    )
    .help("evaluate a condition, as of .if: exit 0 true, 1 false"),
    flag(
        "-n",
        "--maxconn",
        NUMBER,
        Limits,
        Take(|to, value| connections(value).map(|number| to.options.maxconn = number)),
    )
    .help("connections of the process at once"),
    flag(
        "-N",
        "--proxy-maxconn",
        NUMBER,
        Limits,
        Take(|to, value| connections(value).map(|number| to.options.proxy_maxconn = number)),
    )
    .help("connections of a proxy that says no number"),
    flag(
        "-m",
        "--memory",
        NUMBER,
        Limits,
        Take(|to, value| {
            let number = number::<u64>(value).ok_or("a number of megabytes")?;
            to.options.memory = (number > 0).then_some(Mebibytes(number));
            Ok(())
        }),
    )
    .help("megabytes of data that the process may have"),
    flag("-h", "--help", Argument::None, Inspect, Ask(|_| Ok(Command::Help))).help("this text"),
    flag("-v", "--version", Argument::None, Inspect, Ask(|_| Ok(Command::Version(Kind::Both))))
        .help("version, and the version of HAProxy whose language it is"),
    flag("-vv", "--build", Argument::None, Inspect, Ask(|_| Ok(Command::Listing)))
        .help("version, features, transports, options of addresses"),
    flag("-vq", "", Argument::None, Inspect, Ask(|_| Ok(Command::Version(Kind::Spoken))))
        .help("only the version of the language"),
    flag("-vqs", "", Argument::None, Inspect, Ask(|_| Ok(Command::Version(Kind::SpokenRelease))))
        .help("the same, only its numbers"),
    flag("-vqb", "", Argument::None, Inspect, Ask(|_| Ok(Command::Version(Kind::SpokenBranch))))
        .help("the same, only its branch"),
    flag("", "--dump-keywords", Argument::None, Inspect, Ask(|_| Ok(Command::DumpKeywords)))
        .help("every keyword of the configuration"),
    flag("", "--man", Argument::None, Inspect, Ask(|_| Ok(Command::Man))).help("the man page, in roff"),
    flag(
        "",
        "--completions",
        Next("SHELL", Hint::Words(Shell::NAMES)),
        Inspect,
        Ask(|value| {
            let shell = value.to_str().and_then(Shell::from_name);
            Ok(Command::Completions(shell.ok_or("bash, zsh or fish")?))
        }),
    )
    .help("what bash, zsh or fish completes flags with"),
    flag("-dM", "", Tail("[BYTE][,WORD]..."), Compatibility, Take(|_, value| pools(value)))
        .help("there: poison memory, check pools"),
    accepted("-dI", |_| ()).help("there: allow to start processes"),
    accepted("-dF", |to| to.options.switches.fast_forward = false)
        .help("there: no fast-forward; enabled(FAST-FORWARD) is false"),
    accepted("-dG", |to| to.options.switches.getaddrinfo = false)
        .help("there: no getaddrinfo; enabled(GETADDRINFO) is false"),
    accepted("-dS", |to| to.options.switches.splice = false)
        .help("there: no splicing; enabled(SPLICE) is false"),
    accepted("-dT", |_| ()).help("there: no TLS in the kernel"),
    accepted("-dZ", |_| ()).help("there: no forwarding without copies"),
    accepted("-de", |_| ()).help("there: no epoll"),
    accepted("-dp", |_| ()).help("there: no poll"),
    unsupported("-W", "master and workers", None),
    unsupported(
        "-Ws",
        "master and workers under systemd",
        Some("without it systemd is told all the same, see -db"),
    ),
    unsupported("-S", "the master's command line", None),
    unsupported("-sf", "end old processes softly", Some("SIGUSR1 ends one softly")),
    unsupported("-st", "end old processes at once", Some("SIGTERM ends one at once")),
    unsupported("-x", "take the sockets of an old process", None),
    unsupported("-4", "only IPv4 answers of name servers", None),
    unsupported("-dr", "start though server names have no address", Some("'init-addr' says it for a server")),
    unsupported("-dV", "servers without verified certificates", None),
    unsupported("-dL", "list loaded object files", None),
    unsupported("-dc", "list the processors that are used", None),
    unsupported("-dA", "collect libraries in an archive", None).tail("FILE"),
    unsupported("-dC", "show the configuration", None).tail("[KEY][,line]"),
    unsupported("-dK", "list keywords by class", Some("--dump-keywords lists them all"))
        .tail("CLASS[,CLASS]..."),
    unsupported("-dt", "traces", Some("-d tells what happens")).tail("[TRACE]"),
];

const fn flag(
    short: &'static str,
    long: &'static str,
    argument: Argument,
    group: Group,
    effect: Effect,
) -> Flag {
    Flag { short, long, argument, help: "", group, effect }
}

const fn accepted(short: &'static str, set: fn(&mut Reading)) -> Flag {
    flag(short, "", Argument::None, Compatibility, Set(set))
}

const fn unsupported(short: &'static str, help: &'static str, instead: Option<&'static str>) -> Flag {
    flag(short, "", Argument::None, Compatibility, Unsupported(instead)).help(help)
}

impl Flag {
    const fn help(self, help: &'static str) -> Flag {
        Flag { help, ..self }
    }

    const fn tail(self, value: &'static str) -> Flag {
        Flag { argument: Tail(value), ..self }
    }
}
