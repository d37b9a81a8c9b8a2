//! The arguments of `braid forward`.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::bail;
use lexopt::prelude::*;

use crate::span::longer_than_zero;

pub(crate) const HELP: &str = "\
usage: braid forward BIND SERVER [options]
Relays connections from BIND to SERVER, without a configuration.

BIND and SERVER are addresses of HAProxy's language with any prefix and layers that this binary has (braid -vv), each
followed by its options in the same argument:
  braid forward mptcp@:5000 tcp@127.0.0.1:8080
  braid forward 'mptcp@[::]:5000 v4v6 mptcp require' 'mptcp@backend.example:5000 keepalive'
  braid forward 'unix@/run/app.sock mode 660' tcp@10.0.0.7:80
  braid forward fd@3 tcp@127.0.0.1:8080
BIND may be a range of ports; SERVER without a port, or with one like +10, follows the port of the connection.

options:
  --log                     write a line to standard output for each connection that ends
  --threads N               worker threads (default: one per core)
  --maxconn N               limit of concurrent connections (default: what the limit on open files allows)
  --timeout-connect TIME    longest time to connect to SERVER (default 10s)
  --timeout TIME            longest silence of either side (default 1h)
  --timeout-fin TIME        longest silence of a half-closed side (default 1m, or --timeout if shorter)
TIME is a number with us, ms, s, m, h or d; milliseconds by default.

signals: SIGINT and SIGTERM end at once; SIGUSR1 stops accepting and ends with the last connection.
";

/// The parsed arguments.
#[derive(Debug)]
pub(crate) enum Asked {
    Help,
    Forward(Forward),
}

/// The parameters of `braid forward`.
#[derive(Debug)]
pub(crate) struct Forward {
    pub(crate) bind: String,
    pub(crate) server: String,
    pub(crate) log: bool,
    pub(crate) threads: Option<usize>,
    pub(crate) maxconn: Option<usize>,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) fin_timeout: Option<Duration>,
}

/// The default inactivity timeout of a half-closed side, unless `--timeout` is shorter.
pub(crate) const FIN_TIMEOUT: Duration = Duration::from_secs(60);

impl Forward {
    /// Reads the words after `forward`.
    ///
    /// # Errors
    /// Returns the first argument that is wrong.
    pub(crate) fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Asked> {
        let parser = &mut lexopt::Parser::from_args(arguments);
        let mut places = Vec::new();
        let mut forward = Forward {
            bind: String::new(),
            server: String::new(),
            log: false,
            threads: None,
            maxconn: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(3600),
            fin_timeout: None,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(Asked::Help),
                Long("log") => forward.log = true,
                Long("threads") => forward.threads = Some(number(parser, "--threads", 1024)?),
                Long("maxconn") => forward.maxconn = Some(number(parser, "--maxconn", 100_000_000)?),
                Long("timeout-connect") => {
                    forward.connect_timeout =
                        longer_than_zero(&parser.value()?.string()?, "--timeout-connect")?;
                }
                Long("timeout") => {
                    forward.timeout = longer_than_zero(&parser.value()?.string()?, "--timeout")?;
                }
                Long("timeout-fin") => {
                    forward.fin_timeout =
                        Some(longer_than_zero(&parser.value()?.string()?, "--timeout-fin")?);
                }
                Value(place) if places.len() < 2 => places.push(place.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let mut places = places.into_iter();
        let (Some(bind), Some(server)) = (places.next(), places.next()) else {
            bail!("forward takes two addresses: BIND to listen on and SERVER to connect to");
        };
        (forward.bind, forward.server) = (bind, server);
        Ok(Asked::Forward(forward))
    }
}

fn number(parser: &mut lexopt::Parser, option: &str, max: usize) -> anyhow::Result<usize> {
    let text = parser.value()?.string()?;
    match text.parse() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ => bail!("{option} takes a number from 1 to {max}, not '{text}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> anyhow::Result<Asked> {
        Forward::from_arguments(words.iter().map(OsString::from))
    }

    #[test]
    fn a_forward_with_its_options() {
        let command = parse(&["tcp@:1", "--log", "tcp@h:2", "--timeout", "30s", "--threads", "3"]);
        let Ok(Asked::Forward(forward)) = command else { panic!("{command:?}") };
        assert_eq!((forward.bind.as_str(), forward.server.as_str()), ("tcp@:1", "tcp@h:2"));
        assert_eq!((forward.log, forward.threads), (true, Some(3)));
        assert_eq!(forward.timeout, Duration::from_secs(30));
    }

    #[test]
    fn wrong_ones_say_what_is_wrong() {
        for (words, expected) in [
            (&["tcp@:1"][..], "two addresses"),
            (&["a", "b", "c"], "unexpected argument \"c\""),
            (&["a", "b", "--threads", "0"], "--threads takes a number from 1 to 1024, not '0'"),
            (&["a", "b", "--timeout", "1w"], "'1w' is not a time"),
            (&["a", "b", "--timeout", "0"], "longer than 0"),
            (&["--nonsense"], "invalid option '--nonsense'"),
        ] {
            let error = format!("{:#}", parse(words).expect_err("it is wrong"));
            assert!(error.contains(expected), "{words:?}: {error}");
        }
    }
}
