//! The words that may stand first, and their options for the help, the man page and the completions.
//!
//! Their arguments are read where the subcommands live; a test keeps what they say of themselves and this together.

use std::ffi::OsString;

use super::Command;

/// One word.
pub(crate) struct Subcommand {
    pub(crate) name: &'static str,
    /// What stands behind the name.
    pub(crate) arguments: &'static str,
    /// One line.
    pub(crate) help: &'static str,
    /// Paragraphs of the man page.
    pub(crate) about: &'static [&'static str],
    pub(crate) options: &'static [SubcommandOption],
    /// Command lines that work.
    pub(crate) examples: &'static [&'static str],
    pub(crate) command: fn(Vec<OsString>) -> Command,
}

/// An option of a subcommand.
pub(crate) struct SubcommandOption {
    /// With its dashes.
    pub(crate) name: &'static str,
    /// Empty for none; in brackets if it may be left out.
    pub(crate) argument: &'static str,
    pub(crate) help: &'static str,
}

impl SubcommandOption {
    /// Whether a value is the next word, always.
    pub(crate) fn takes_a_word(&self) -> bool {
        !self.argument.is_empty() && !self.argument.starts_with('[')
    }

    /// The option with its argument.
    pub(crate) fn synopsis(&self) -> String {
        let space = if self.argument.is_empty() || self.argument.starts_with("[=") { "" } else { " " };
        format!("{}{space}{}", self.name, self.argument)
    }
}

const fn option(name: &'static str, argument: &'static str, help: &'static str) -> SubcommandOption {
    SubcommandOption { name, argument, help }
}

/// All of them.
pub(crate) static SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "forward",
        arguments: "BIND SERVER [options]",
        help: "relay connections from BIND to SERVER, without a configuration",
        about: &[
            "BIND and SERVER are addresses of the configuration language, each with its options behind it in the \
             same argument. BIND may be a range of ports. SERVER without a port, or with one like +10, follows the \
             port of the connection.",
            "TIME is a number with us, ms, s, m, h or d; milliseconds without.",
        ],
        options: &[
            option("--log", "", "a line on standard output for each connection that ends"),
            option("--threads", "N", "worker threads (default: one per core)"),
            option("--maxconn", "N", "connections at once (default: what the limit on open files allows)"),
            option("--timeout-connect", "TIME", "longest time to connect to SERVER (default 10s)"),
            option("--timeout", "TIME", "longest silence of either side (default 1h)"),
            option(
                "--timeout-fin",
                "TIME",
                "longest silence of a half-closed side (default 1m, or --timeout if shorter)",
            ),
        ],
        examples: &[
            "braid forward mptcp@:5000 tcp@127.0.0.1:8080",
            "braid forward 'mptcp@[::]:5000 v4v6 mptcp require' 'mptcp@backend.example:5000 keepalive'",
            "braid forward 'unix@/run/app.sock mode 660' tcp@10.0.0.7:80",
        ],
        command: Command::Forward,
    },
    Subcommand {
        name: "probe",
        arguments: "ADDRESS [options]",
        help: "connect to a server and say whether it is what was asked for, such as MPTCP",
        about: &[
            "ADDRESS is that of a server: host:port, with any prefix and layers that this binary has, and options \
             of server lines behind it in the same argument. Without a prefix mptcp@ is meant. The exit status is 0 \
             if the connection is what was asked for, 1 if it is not (of MPTCP: it fell back), 2 if the arguments \
             are wrong, 3 if there was no connection.",
        ],
        options: &[
            option(
                "--get",
                "[PATH]",
                "also send an HTTP request for PATH (default /), and judge by its answer",
            ),
            option(
                "--hold",
                "[=TIME]",
                "keep the connection and say what happens to its paths, until TIME has passed or a signal",
            ),
            option(
                "--json",
                "",
                "one JSON object; with --hold another one, on a line of its own, for each event",
            ),
            option("--timeout", "TIME", "longest time for the answer (default 10s)"),
        ],
        examples: &[
            "braid probe www.example.org:443",
            "braid probe 'mptcp6@[2001:db8::7]:80' --get",
            "braid probe 'tcp@192.0.2.7:80 send-proxy-v2' --get",
            "braid probe unix@/run/app.sock --get /health",
        ],
        command: Command::Probe,
    },
];
