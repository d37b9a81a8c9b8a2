//! The options that the flags set for a run.

use std::path::PathBuf;

/// The flags of a run or a check. `None` leaves a value to the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// `-f` and the words after `--`, in order: files, and directories of them. Never empty. Relative paths start at
    /// [`Options::directory`].
    pub(crate) files: Vec<PathBuf>,
    /// `-C`: the directory to change to before a file is read.
    pub(crate) directory: Option<PathBuf>,
    /// `-d`.
    pub(crate) debug: bool,
    /// `-db`.
    pub(crate) foreground: bool,
    /// `-D`.
    pub(crate) daemon: bool,
    /// `-q`.
    pub(crate) quiet: bool,
    /// `-V`.
    pub(crate) verbose: bool,
    /// `-dW`: a warning about the configuration is an error.
    pub(crate) zero_warning: bool,
    /// `-dD`: what is only suspicious is reported, too.
    pub(crate) diagnostics: bool,
    /// `-p`, which overrides the configuration's `pidfile`.
    pub(crate) pidfile: Option<PathBuf>,
    /// `-L`, which overrides the configuration's `localpeer`.
    pub(crate) local_peer: Option<String>,
    /// `-n`, which overrides the configuration's `maxconn` in `global`.
    pub(crate) maxconn: Option<usize>,
    /// `-N`: the default `maxconn` of a proxy.
    pub(crate) proxy_maxconn: Option<usize>,
    /// `-m`: the limit on the data of the process (`RLIMIT_DATA`).
    pub(crate) memory: Option<Mebibytes>,
    /// The features that can be turned off.
    pub(crate) switches: Switches,
}

/// A size in units of 2^20 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mebibytes(pub(crate) u64);

impl Mebibytes {
    /// Returns the size in bytes, at most the largest number.
    pub(crate) fn bytes(self) -> u64 {
        self.0.saturating_mul(1 << 20)
    }
}

/// Features that are on unless a flag turns them off; `enabled(...)` of a condition reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switches {
    /// `-dR`: sockets share their addresses (`SO_REUSEPORT`).
    pub(crate) reuse_port: bool,
    /// `-dS`.
    pub(crate) splice: bool,
    /// `-dG`.
    pub(crate) getaddrinfo: bool,
    /// `-dF`.
    pub(crate) fast_forward: bool,
    /// `-dI`: the process may make further ones.
    pub(crate) fork: bool,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches { reuse_port: true, splice: true, getaddrinfo: true, fast_forward: true, fork: false }
    }
}

/// How the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// In the foreground.
    Foreground,
    /// In the foreground, with a log of what happens.
    Debug,
    /// In the background, silently.
    Daemon,
}

impl Options {
    /// Returns how the process runs, given whether `global` has `daemon` and `debug`. As in HAProxy: a flag wins over
    /// the configuration, `-D` over `-d` and `-db`, and between keywords of the configuration `debug` over `daemon`.
    pub(crate) fn life(&self, daemon: bool, debug: bool) -> Life {
        if self.daemon {
            Life::Daemon
        } else if self.debug || debug {
            Life::Debug
        } else if daemon && !self.foreground {
            Life::Daemon
        } else {
            Life::Foreground
        }
    }

    /// Returns whether only errors are printed, given whether `global` has `quiet` and `debug`. `-V` and debugging undo
    /// it; `-d` and `-db` undo the keyword.
    pub(crate) fn is_quiet(&self, quiet: bool, debug: bool) -> bool {
        let quiet = self.quiet || quiet && !self.foreground && !self.debug;
        quiet && !self.verbose && self.life(false, debug) != Life::Debug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_configuration_and_the_daemon_over_debugging() {
        let plain = Options::default();
        let debug = Options { debug: true, ..Options::default() };
        let foreground = Options { foreground: true, ..Options::default() };
        let both = Options { debug: true, foreground: true, daemon: true, ..Options::default() };
        for (options, daemon, debugs, life) in [
            (&plain, false, false, Life::Foreground),
            (&plain, true, false, Life::Daemon),
            (&plain, true, true, Life::Debug),
            (&debug, true, false, Life::Debug),
            (&foreground, true, false, Life::Foreground),
            (&foreground, true, true, Life::Debug),
            (&both, false, true, Life::Daemon),
        ] {
            assert_eq!(options.life(daemon, debugs), life, "{options:?} {daemon} {debugs}");
        }
    }

    #[test]
    fn silence_can_be_undone() {
        let options = |line: &str| Options {
            quiet: line.contains('q'),
            verbose: line.contains('V'),
            debug: line.contains('d'),
            foreground: line.contains('b'),
            daemon: line.contains('D'),
            ..Options::default()
        };
        for (line, quiet, debug, expected) in [
            ("", false, false, false),
            ("", true, false, true),
            ("", true, true, false),
            ("q", false, false, true),
            ("q", false, true, false),
            ("qV", true, false, false),
            ("V", true, false, false),
            ("b", true, false, false),
            ("qb", true, false, true),
            ("qd", false, false, false),
            ("qdD", false, false, true),
        ] {
            assert_eq!(options(line).is_quiet(quiet, debug), expected, "{line} {quiet} {debug}");
        }
    }

    #[test]
    fn a_size_never_overflows() {
        assert_eq!(Mebibytes(256).bytes(), 268_435_456);
        assert_eq!(Mebibytes(u64::MAX).bytes(), u64::MAX);
    }
}
