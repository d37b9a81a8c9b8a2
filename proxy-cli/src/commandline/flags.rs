//! The table of flags.
//!
//! A flag of HAProxy that concerns its internals alone is accepted without effect only if no user could see a
//! difference. One whose effect would be missed is known and refused, which is better than a proxy that does something
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

/// A flag of the command line.
#[derive(Clone, Copy)]
pub(crate) struct Flag {
    /// The name as HAProxy writes it, with its dash; empty if only Braid has the flag.
    pub(crate) short: &'static str,
    /// The long name, with its dashes; empty if only scripts need the flag.
    pub(crate) long: &'static str,
    pub(crate) argument: Argument,
    /// One line of help.
    pub(crate) help: &'static str,
    pub(crate) group: Group,
    pub(crate) effect: Effect,
}

/// The argument of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    /// The next word, or what follows `=` after the long name.
    Next(&'static str, Hint),
    /// The rest of the same word, which may be empty.
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

/// The part of the help with a flag.
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

    /// Returns the heading of the group.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Group::Run => "Running",
            Group::Check => "Checking a configuration",
            Group::Limits => "Limits",
            Group::Inspect => "Information",
            Group::Compatibility => "Flags of HAProxy without effect on what is served",
        }
    }
}

/// The effect of a flag.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// Sets an option.
    Set(fn(&mut Reading)),
    /// Sets an option from its argument.
    Take(fn(&mut Reading, &OsStr) -> Result<(), Expected>),
    /// Selects the command; the words after it are not read.
    Ask(fn(&OsStr) -> Result<Command, Expected>),
    /// Reads every word that follows as a file.
    Files,
    /// Refuses to run, with an alternative if there is one.
    Unsupported(Option<&'static str>),
}

impl Flag {
    /// Returns the name for messages: the short one, if there is one.
    pub(crate) fn name(&self) -> &'static str {
        if self.short.is_empty() { self.long } else { self.short }
    }

    /// Returns the names that it has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.short, self.long].into_iter().filter(|name| !name.is_empty())
    }

    /// Returns the flag with its argument, as the help shows it.
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

/// Returns the flags that have an effect or are accepted.
pub(crate) fn supported() -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().filter(|flag| flag.is_supported())
}

const FILE: Argument = Next("FILE", Hint::File);
const NUMBER: Argument = Next("N", Hint::Nothing);

/// All flags, in the order of the help.
pub(crate) static FLAGS: &[Flag] = &[
    flag("-f", "--config", Next("FILE|DIR", Hint::File), Run, Take(|to, value| to.file(value)))
        .help("configuration: a file, or a directory of *.cfg; repeatable"),
    flag("--", "", Rest("FILE..."), Run, Files).help("all words after it are configuration files"),
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
        .help("stay in the foreground and log what happens"),
    flag("-q", "--quiet", Argument::None, Run, Set(|to| to.options.quiet = true)).help("print only errors"),
    flag("-V", "--verbose", Argument::None, Run, Set(|to| to.options.verbose = true))
        .help("print more; undoes -q"),
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
        .help("also report what is only suspicious"),
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
    .help("evaluate a condition as in .if; exit status 0 if true, 1 if false"),
    flag(
        "-n",
        "--maxconn",
        NUMBER,
        Limits,
        Take(|to, value| connections(value).map(|number| to.options.maxconn = number)),
    )
    .help("limit of concurrent connections"),
    flag(
        "-N",
        "--proxy-maxconn",
        NUMBER,
        Limits,
        Take(|to, value| connections(value).map(|number| to.options.proxy_maxconn = number)),
    )
    .help("limit of concurrent connections of a proxy without 'maxconn'"),
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
    .help("limit of the data of the process, in megabytes"),
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
    .help("completions for bash, zsh or fish"),
    flag("-dM", "", Tail("[BYTE][,WORD]..."), Compatibility, Take(|_, value| pools(value)))
        .help("in HAProxy: poison memory, check pools"),
    accepted("-dI", |to| to.options.switches.fork = true)
        .help("allow new processes, as insecure-fork-wanted does"),
    accepted("-dF", |to| to.options.switches.fast_forward = false)
        .help("in HAProxy: no fast-forward; enabled(FAST-FORWARD) is false"),
    accepted("-dG", |to| to.options.switches.getaddrinfo = false)
        .help("in HAProxy: no getaddrinfo; enabled(GETADDRINFO) is false"),
    accepted("-dS", |to| to.options.switches.splice = false)
        .help("in HAProxy: no splicing; enabled(SPLICE) is false"),
    accepted("-dT", |_| ()).help("in HAProxy: no TLS in the kernel"),
    accepted("-dZ", |_| ()).help("in HAProxy: no forwarding without copies"),
    accepted("-de", |_| ()).help("in HAProxy: no epoll"),
    accepted("-dp", |_| ()).help("in HAProxy: no poll"),
    unsupported("-W", "master and workers", None),
    unsupported("-Ws", "master and workers under systemd", Some("systemd is notified without it, see -db")),
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
    unsupported("-dt", "traces", Some("-d logs what happens")).tail("[TRACE]"),
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
