//! The subcommands, and their options for the help, the man page and the completions.
//!
//! Their arguments are parsed by the modules of the subcommands; a test compares their help texts with this table.

use std::ffi::OsString;

use super::Command;

/// A subcommand.
pub(crate) struct Subcommand {
    pub(crate) name: &'static str,
    /// The arguments, as the help shows them.
    pub(crate) arguments: &'static str,
    /// One line of help.
    pub(crate) help: &'static str,
    /// Paragraphs of the man page.
    pub(crate) about: &'static [&'static str],
    pub(crate) options: &'static [SubcommandOption],
    /// Examples of command lines.
    pub(crate) examples: &'static [&'static str],
    pub(crate) command: fn(Vec<OsString>) -> Command,
}

/// An option of a subcommand.
pub(crate) struct SubcommandOption {
    /// The name, with its dashes.
    pub(crate) name: &'static str,
    /// The argument; empty if there is none, in brackets if it is optional.
    pub(crate) argument: &'static str,
    pub(crate) help: &'static str,
}

impl SubcommandOption {
    /// Returns whether the value is always the next word.
    pub(crate) fn takes_a_word(&self) -> bool {
        !self.argument.is_empty() && !self.argument.starts_with('[')
    }

    /// Returns the option with its argument.
    pub(crate) fn synopsis(&self) -> String {
        let space = if self.argument.is_empty() || self.argument.starts_with("[=") { "" } else { " " };
        format!("{}{space}{}", self.name, self.argument)
    }
}

const fn option(name: &'static str, argument: &'static str, help: &'static str) -> SubcommandOption {
    SubcommandOption { name, argument, help }
}

/// All subcommands.
pub(crate) static SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "forward",
        arguments: "BIND SERVER [options]",
        help: "relay connections from BIND to SERVER, without a configuration",
        about: &[
            "BIND and SERVER are addresses of the configuration language, each followed by its options in the \
             same argument. BIND may be a range of ports. SERVER without a port, or with one like +10, follows the \
             port of the connection.",
            "TIME is a number with us, ms, s, m, h or d; milliseconds by default.",
        ],
        options: &[
            option("--log", "", "write a line to standard output for each connection that ends"),
            option("--threads", "N", "worker threads (default: one per core)"),
            option(
                "--maxconn",
                "N",
                "limit of concurrent connections (default: what the limit on open files allows)",
            ),
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
        help: "connect to a server and report whether the connection is as requested, such as MPTCP",
        about: &[
            "ADDRESS is the address of a server: host:port, with any prefix and layers that this binary has, and \
             options of server lines after it in the same argument. The default prefix is mptcp@. The exit status is 0 \
             if the connection is as requested, 1 if it is not (of MPTCP: it fell back), 2 if the arguments \
             are wrong, 3 if there was no connection.",
        ],
        options: &[
            option(
                "--get",
                "[PATH]",
                "also send an HTTP request for PATH (default /), and judge by its response",
            ),
            option(
                "--hold",
                "[=TIME]",
                "keep the connection and report changes of its paths, until TIME has passed or a signal",
            ),
            option("--json", "", "print a JSON object; with --hold another line with one for each event"),
            option("--timeout", "TIME", "longest time for the response (default 10s)"),
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
