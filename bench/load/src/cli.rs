//! The command line, parsed into values that cannot be wrong.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use braid_load::{
    Amount, Comparison, Direction, HttpJob, HttpPlan, Job, Opening, Pid, Plan, RivalKind, Seed, Target,
    Transport,
};
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
braid-load: a load generator and origin for TCP and MPTCP that checks every byte

  braid-load serve ADDR    [--once N] [--lifetime SECS]
  braid-load down ADDR     --bytes N [--streams N]         bytes are those of each stream
  braid-load up ADDR       --bytes N [--streams N]
  braid-load echo ADDR     --bytes N [--streams N]
  braid-load connect ADDR  --count N [--concurrency C]     connect, 100 bytes in each direction, close
  braid-load hold ADDR     --count N                       holds them until standard input ends
  braid-load serve-http ADDR [--lifetime SECS]             GET /BYTES[/SEED][?chunked=BYTES]; POST /0/SEED
  braid-load get ADDR      --bytes N [--count N | --seconds S] [--concurrency C] [--rate R] [--chunk N] [--close]
  braid-load post ADDR     as get; the bytes are those of the request's body
  braid-load compare-http  [--rounds N] [--seconds S] [--only TEXT] [--braid FILE] [--haproxy FILE] [--nginx FILE]
                           compares proxies in a separate network namespace; see bench/README.md

  --mptcp          MPTCP sockets instead of TCP
  --bytes N        with k, M or G: times 2^10, 2^20, 2^30
  --timeout SECS   of the whole run, 60 by default; for serve: how long a connection may be silent
  --lifetime SECS  serve ends by itself after this time, 3600 by default
  --seconds S      requests start for this long, and --timeout is for those in progress then; 2 for compare-http
  --concurrency C  connections at a time
  --rate R         requests per second, whether or not earlier ones are complete; latency counts from the intended start
  --chunk N        chunks of this size instead of a Content-Length
  --proxy-v2       connect: each connection begins with a PROXY header, version 2
  --sni NAME       connect: then a ClientHello with that server name, which serve skips
  --close          one request per connection
  --once N         serve ends by itself after N connections
  --source ADDR    local address to connect from
  --sndbuf BYTES   SO_SNDBUF of each connection
  --pid PID        report CPU and memory of this process (may be given several times)
  --seed N         repeat a run with the same bytes
  --json           one line of JSON instead of one for people

Exit code 0: everything was right. 1: something was wrong. 2: the run could not start.
";

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Serve { addr: SocketAddr, once: Option<u64>, lifetime: Duration, common: Common },
    Run { plan: Plan, common: Common },
    Hold { target: Target, count: u64, seed: Seed, common: Common },
    ServeHttp { addr: SocketAddr, lifetime: Duration, common: Common },
    Http { plan: HttpPlan, common: Common },
    Compare(Comparison),
}

/// The options of all commands.
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
    duration: Option<Duration>,
    rate: Option<f64>,
    chunk: Option<u64>,
    close: bool,
    proxy_header: bool,
    server_name: Option<String>,
    rounds: Option<u64>,
    only: Option<String>,
    rivals: Vec<(RivalKind, PathBuf)>,
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
    if let [verb] = words.as_slice()
        && verb == "compare-http"
    {
        return Ok(Command::Compare(options.comparison()?));
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
            "seconds" => self.duration = Some(seconds(&value()?)?),
            "rate" => self.rate = Some(rate(&value()?)?),
            "chunk" => self.chunk = Some(size(&value()?)?),
            "close" => self.close = true,
            "proxy-v2" => self.proxy_header = true,
            "sni" => self.server_name = Some(server_name(value()?)?),
            "rounds" => self.rounds = Some(size(&value()?)?),
            "only" => self.only = Some(value()?),
            _ => match RivalKind::named(name) {
                Some(kind) => self.rivals.push((kind, parser.value()?.into())),
                None => bail!("unknown option"),
            },
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
        let lifetime = self.lifetime.unwrap_or(Duration::from_secs(3600));
        let direction = match verb {
            "serve" => return Ok(Command::Serve { addr, once: self.once, lifetime, common }),
            "serve-http" => return Ok(Command::ServeHttp { addr, lifetime, common }),
            "get" | "post" => return self.http(verb, addr, common),
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
        plan.target = self.target(addr, &common);
        plan.opening = Opening::new(self.proxy_header, self.server_name.as_deref());
        Ok(match (verb, job) {
            ("hold", Job::Storm { count, .. }) => {
                Command::Hold { target: plan.target, count, seed: plan.seed, common }
            }
            _ => Command::Run { plan, common },
        })
    }

    fn http(self, verb: &str, addr: SocketAddr, common: Common) -> anyhow::Result<Command> {
        let bytes = self.bytes.context("--bytes is missing")?;
        let chunk =
            self.chunk.map(|chunk| NonZeroU64::new(chunk).context("--chunk 0 is none")).transpose()?;
        let job = match verb {
            "get" => HttpJob::Get { bytes, chunk },
            _ => HttpJob::Post { bytes, chunk },
        };
        let amount = match (self.count, self.duration) {
            (Some(count), None) => Amount::Requests(count),
            (None, Some(time)) => Amount::For(time),
            _ => bail!("give --count or --seconds, one of the two"),
        };
        let mut plan = HttpPlan::new(self.target(addr, &common), job, amount);
        plan.connections = self.concurrency.unwrap_or(1).try_into()?;
        plan.keep_alive = !self.close;
        plan.rate = self.rate;
        plan.timeout = common.timeout;
        plan.seed = self.seed.map_or(plan.seed, Seed);
        Ok(Command::Http { plan, common })
    }

    fn comparison(self) -> anyhow::Result<Comparison> {
        let mut comparison = Comparison { named: self.rivals, only: self.only, ..Comparison::default() };
        comparison.rounds = self.rounds.map_or(Ok(comparison.rounds), usize::try_from)?;
        comparison.duration = self.duration.unwrap_or(comparison.duration);
        if comparison.rounds == 0 || comparison.duration.is_zero() {
            bail!("nothing is measured in no rounds or no time");
        }
        Ok(comparison)
    }

    fn target(&self, addr: SocketAddr, common: &Common) -> Target {
        let mut target = Target::new(addr, common.transport);
        target.source = self.source;
        target.send_buffer = common.send_buffer;
        target.processes.clone_from(&self.pids);
        target
    }
}

fn rate(text: &str) -> anyhow::Result<f64> {
    let rate: f64 = text.parse()?;
    // From once a day to once a nanosecond: the range of the clock of an open loop.
    if !(1e-5..=1e9).contains(&rate) {
        bail!("{text} per second is out of range");
    }
    Ok(rate)
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    let seconds: f64 = text.parse()?;
    // About a year, which can still be added to any clock.
    if !(0.0..=3.2e7).contains(&seconds) {
        bail!("{text} seconds are out of range");
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn server_name(text: String) -> anyhow::Result<String> {
    if text.is_empty() || text.len() > 255 {
        bail!("{text:?} is not a host name");
    }
    Ok(text)
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

/// Reads a seed, as the reports print it or in decimal.
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
            "get 127.0.0.1:80 --bytes 1",
            "get 127.0.0.1:80 --bytes 1 --count 1 --seconds 1",
            "get 127.0.0.1:80 --bytes 1 --count 1 --chunk 0",
            "get 127.0.0.1:80 --bytes 1 --count 1 --rate 0",
            "compare-http --rounds 0",
            "compare-http 127.0.0.1:80",
            "connect 127.0.0.1:80",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
