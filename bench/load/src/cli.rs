//! The command line, parsed into values that cannot be wrong.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail};
use braid_load::{Direction, Job, Pid, Plan, Seed, Target, Transport};
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
braid-load: a load generator and origin for TCP and MPTCP that checks every byte

  braid-load serve ADDR    [--once N] [--lifetime SECS]
  braid-load down ADDR     --bytes N [--streams N]         bytes are those of each stream
  braid-load up ADDR       --bytes N [--streams N]
  braid-load echo ADDR     --bytes N [--streams N]
  braid-load connect ADDR  --count N [--concurrency C]     connect, 100 bytes there and back, close
  braid-load hold ADDR     --count N                       holds them until standard input ends

  --mptcp          MPTCP sockets instead of TCP
  --bytes N        with k, M or G: times 2^10, 2^20, 2^30
  --timeout SECS   for the whole run, 60 unless given; for serve: how long a connection may be silent
  --lifetime SECS  serve ends by itself after that long, 3600 unless given
  --once N         serve ends by itself after N connections
  --source ADDR    local address to connect from
  --sndbuf BYTES   SO_SNDBUF of each connection
  --pid PID        report CPU and memory of this process (may be given several times)
  --seed N         the same bytes again
  --json           one line of JSON instead of one for people

Exit code 0: everything was right. 1: it was not. 2: it could not be tried.
";

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Serve { addr: SocketAddr, once: Option<u64>, lifetime: Duration, common: Common },
    Run { plan: Plan, common: Common },
    Hold { target: Target, count: u64, seed: Seed, common: Common },
}

/// What all commands share.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) transport: Transport,
    pub(crate) timeout: Duration,
    pub(crate) send_buffer: Option<usize>,
    pub(crate) json: bool,
}

#[derive(Debug, Default)]
struct Options {
    mptcp: bool,
    json: bool,
    timeout: Option<Duration>,
    lifetime: Option<Duration>,
    once: Option<u64>,
    bytes: Option<u64>,
    streams: Option<u64>,
    count: Option<u64>,
    concurrency: Option<u64>,
    source: Option<IpAddr>,
    send_buffer: Option<u64>,
    seed: Option<u64>,
    pids: Vec<Pid>,
}

pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<Command> {
    let mut parser = Parser::from_args(args);
    let (mut words, mut options) = (Vec::new(), Options::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(word) => words.push(word.string()?),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long(name) => {
                let name = name.to_owned();
                options.take(&name, &mut parser).with_context(|| format!("--{name}"))?;
            }
            Arg::Short(_) => return Err(arg.unexpected().into()),
        }
    }
    let [verb, addr] = words.as_slice() else { bail!("give a command and an address; --help lists them") };
    let addr = addr.parse().with_context(|| format!("the address {addr:?} is not IP:PORT"))?;
    options.command(verb, addr)
}

impl Options {
    fn take(&mut self, name: &str, parser: &mut Parser) -> anyhow::Result<()> {
        let mut value = || -> anyhow::Result<String> { Ok(parser.value()?.string()?) };
        match name {
            "mptcp" => self.mptcp = true,
            "json" => self.json = true,
            "timeout" => self.timeout = Some(seconds(&value()?)?),
            "lifetime" => self.lifetime = Some(seconds(&value()?)?),
            "once" => self.once = Some(size(&value()?)?),
            "bytes" => self.bytes = Some(size(&value()?)?),
            "streams" => self.streams = Some(size(&value()?)?),
            "count" => self.count = Some(size(&value()?)?),
            "concurrency" => self.concurrency = Some(size(&value()?)?),
            "source" => self.source = Some(value()?.parse()?),
            "sndbuf" => self.send_buffer = Some(size(&value()?)?),
            "seed" => self.seed = Some(seed(&value()?)?),
            "pid" => self.pids.push(Pid(value()?.parse()?)),
            _ => bail!("unknown option"),
        }
        Ok(())
    }

    fn command(self, verb: &str, addr: SocketAddr) -> anyhow::Result<Command> {
        let common = Common {
            transport: if self.mptcp { Transport::Mptcp } else { Transport::Tcp },
            timeout: self.timeout.unwrap_or(Plan::TIMEOUT),
            send_buffer: self.send_buffer.map(usize::try_from).transpose()?,
            json: self.json,
        };
        let direction = match verb {
            "serve" => {
                let lifetime = self.lifetime.unwrap_or(Duration::from_secs(3600));
                return Ok(Command::Serve { addr, once: self.once, lifetime, common });
            }
            "down" => Some(Direction::Down),
            "up" => Some(Direction::Up),
            "echo" => Some(Direction::Echo),
            "connect" | "hold" => None,
            _ => bail!("unknown command {verb:?}; --help lists them"),
        };
        let job = match direction {
            Some(direction) => {
                Job::bulk(direction, self.bytes.context("--bytes is missing")?, self.streams.unwrap_or(1))
            }
            None => Job::storm(self.count.context("--count is missing")?, self.concurrency.unwrap_or(1)),
        };
        let mut plan = Plan::new(addr, common.transport, job);
        plan.timeout = common.timeout;
        plan.seed = self.seed.map_or(plan.seed, Seed);
        plan.target.source = self.source;
        plan.target.send_buffer = common.send_buffer;
        plan.target.processes = self.pids;
        Ok(match (verb, job) {
            ("hold", Job::Storm { count, .. }) => {
                Command::Hold { target: plan.target, count, seed: plan.seed, common }
            }
            _ => Command::Run { plan, common },
        })
    }
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    let seconds: f64 = text.parse()?;
    // A year: far out, and yet can be added to any clock.
    if !(0.0..=3.2e7).contains(&seconds) {
        bail!("{text} seconds are out of range");
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn size(text: &str) -> anyhow::Result<u64> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().with_context(|| format!("{text:?} is not a number with k, M or G"))?;
    number.checked_mul(1 << shift).with_context(|| format!("{text:?} is too large"))
}

/// As the reports print it, or decimal.
fn seed(text: &str) -> anyhow::Result<u64> {
    Ok(match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16)?,
        None => text.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Command> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_full_line_becomes_a_plan() {
        let line =
            "down 127.0.0.1:80 --mptcp --bytes 3M --streams 2 --pid 1 --pid 2 --seed 0x10 --timeout 1.5";
        let Ok(Command::Run { plan, common }) = parsed(line) else { panic!("not a run") };
        assert_eq!(plan.job, Job::bulk(Direction::Down, 3 << 20, 2));
        assert_eq!(plan.target.processes, [Pid(1), Pid(2)]);
        assert_eq!((plan.seed, common.transport), (Seed(16), Transport::Mptcp));
        assert_eq!(plan.timeout, Duration::from_millis(1500));
    }

    #[test]
    fn wrong_lines_are_refused() {
        for line in [
            "",
            "down",
            "down localhost",
            "down 127.0.0.1:80",
            "fly 127.0.0.1:80",
            "down 127.0.0.1:80 --bytes 1x",
            "down 127.0.0.1:80 --bytes 99999999999G",
            "down 127.0.0.1:80 --bytes 1 --timeout -1",
            "down 127.0.0.1:80 --bytes 1 --timeout NaN",
            "down 127.0.0.1:80 --bytes 1 --what",
            "connect 127.0.0.1:80",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
