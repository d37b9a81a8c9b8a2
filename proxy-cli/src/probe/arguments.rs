//! The arguments of `braid probe`.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::bail;
use lexopt::prelude::*;

use crate::span::longer_than_zero;

pub(crate) const HELP: &str = "\
braid probe - connect to a server and report whether the connection is as requested

usage:
  braid probe ADDRESS [options]

ADDRESS is the address of a server: host:port, with any prefix and layers that this binary has (braid -vv), and options
of server lines after it in the same argument. The default prefix is mptcp@: is it MPTCP, and if not, why?
  braid probe www.example.org:443
  braid probe mptcp6@[2001:db8::7]:80 --get
  braid probe 'tcp@192.0.2.7:80 send-proxy-v2' --get
  braid probe unix@/run/app.sock --get /health

options:
  --get [PATH]       also send an HTTP request for PATH (default /), and judge by its response
  --hold[=TIME]      keep the connection and report changes of its paths, until TIME has passed or a signal
  --json             print a JSON object; with --hold another line with one for each event
  --timeout TIME     longest time for the response (default 10s)
TIME is a number with us, ms, s, m, h or d; milliseconds by default.

exit code: 0 it is as requested, 1 it is not (of MPTCP: it fell back), 2 the command line is wrong, 3 there was
no connection.
";

/// The default timeout of the response: three times what the kernel needs to find out that a network drops SYNs with
/// MPTCP (3 s by default on Linux 6.18).
const TIMEOUT: Duration = Duration::from_secs(10);

/// The parsed arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Help,
    Probe(Probe),
}

/// The parameters of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) address: String,
    /// The path of the request, if one is to be sent.
    pub(crate) get: Option<String>,
    pub(crate) hold: Option<Hold>,
    pub(crate) json: bool,
    pub(crate) timeout: Duration,
}

/// How long to keep the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    For(Duration),
    UntilSignal,
}

/// Reads the arguments after the word `probe`.
///
/// # Errors
/// Returns the first argument that is wrong.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Asked> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut address = None;
    let mut probe = Probe { address: String::new(), get: None, hold: None, json: false, timeout: TIMEOUT };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Asked::Help),
            Long("json") => probe.json = true,
            Long("get") => probe.get = Some(path(&mut parser)?),
            Long("hold") => {
                probe.hold = Some(match parser.optional_value() {
                    Some(text) => Hold::For(longer_than_zero(&text.string()?, "--hold")?),
                    None => Hold::UntilSignal,
                });
            }
            Long("timeout") => probe.timeout = longer_than_zero(&parser.value()?.string()?, "--timeout")?,
            Value(word) if address.is_none() => address = Some(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(address) = address else { bail!("probe takes an address, such as www.example.org:443") };
    Ok(Asked::Probe(Probe { address, ..probe }))
}

/// Reads the value of `--get`: after `=`, or the next argument if it begins with a slash, as no address of a host does.
fn path(parser: &mut lexopt::Parser) -> anyhow::Result<String> {
    let begins_a_path = |word: &std::ffi::OsStr| word.as_encoded_bytes().starts_with(b"/");
    let text = match parser.optional_value() {
        Some(text) => text,
        None => match parser.try_raw_args().and_then(|mut rest| rest.next_if(begins_a_path)) {
            Some(text) => text,
            None => return Ok("/".to_owned()),
        },
    };
    let text = text.string()?;
    if !text.starts_with('/') || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("--get takes a path that begins with / and has no blanks, not '{text}'");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> anyhow::Result<Asked> {
        parse(words.iter().map(OsString::from))
    }

    fn probe(words: &[&str]) -> Probe {
        match read(words) {
            Ok(Asked::Probe(probe)) => probe,
            other => panic!("{words:?}: {other:?}"),
        }
    }

    #[test]
    fn the_path_after_get_is_optional() {
        assert_eq!(probe(&["h:80"]).get, None);
        for words in [&["--get", "h:80"][..], &["h:80", "--get"], &["--get=/", "h:80"]] {
            let probe = probe(words);
            assert_eq!((probe.address.as_str(), probe.get.as_deref()), ("h:80", Some("/")), "{words:?}");
        }
        for words in [&["--get", "/x?y", "h:80"][..], &["h:80", "--get=/x?y"]] {
            assert_eq!(probe(words).get.as_deref(), Some("/x?y"), "{words:?}");
        }
    }

    #[test]
    fn holding_has_a_time_or_none() {
        assert_eq!(probe(&["h:80"]).hold, None);
        assert_eq!(probe(&["--hold", "h:80"]).hold, Some(Hold::UntilSignal));
        let probe = probe(&["--hold=2s", "h:80", "--json", "--timeout", "1m"]);
        assert_eq!(probe.hold, Some(Hold::For(Duration::from_secs(2))));
        assert_eq!((probe.json, probe.timeout), (true, Duration::from_secs(60)));
    }

    #[test]
    fn wrong_ones_say_what_is_wrong() {
        for (words, expected) in [
            (&[][..], "probe takes an address"),
            (&["a:1", "b:2"], "unexpected argument \"b:2\""),
            (&["--get=x", "h:80"], "--get takes a path"),
            (&["--get", "/a b", "h:80"], "has no blanks"),
            (&["--get=/\r\nHost: x", "h:80"], "has no blanks"),
            (&["--hold=never", "h:80"], "--hold"),
            (&["--timeout", "0", "h:80"], "longer than 0"),
            (&["--jason", "h:80"], "invalid option '--jason'"),
        ] {
            let error = format!("{:#}", read(words).expect_err("wrong"));
            assert!(error.contains(expected), "{words:?}: {error}");
        }
        assert!(matches!(read(&["--help"]), Ok(Asked::Help)));
    }
}
