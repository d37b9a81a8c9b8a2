//! `braid probe ADDRESS`: is it MPTCP? And if not, why.
//!
//! Connects as a server line with the prefix `mptcp@` would, has data acknowledged where it can (see [`finding`]), and
//! tells what the connection says of itself and its paths.

pub(crate) mod arguments;
mod finding;
mod hold;
mod http;
mod json;
mod observed;
mod report;
mod target;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use proto_core::Registry;
use proto_core::address::AddressSpec;
use proto_core::info::{ConnectionInfo, State};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout_at};

use self::arguments::Probe;
use self::finding::{Evidence, Finding};
use self::observed::Counters;
use self::report::{Got, Report};
use self::target::NoConnection;
use crate::process::Signals;
use crate::stdio;

/// What a program that asks can tell apart.
const YES: u8 = 0;
const NO: u8 = 1;
const WRONG_USAGE: u8 = 2;
const NO_CONNECTION: u8 = 3;

/// How long to wait for the first acknowledgement of data: some round trips of any network.
const PROOF: Duration = Duration::from_millis(1500);
/// How long each attempt waits before it ends its sending direction. More than one, each on a connection of its own:
/// an end that follows the handshake at once is now and then lost in a busy kernel and not sent again (Linux 6.18, on
/// loopback too), which looks from here as if a box had stripped it.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(200)];
/// How often to look whether it has come: the kernel announces nothing.
const LOOK: Duration = Duration::from_millis(5);

/// Answers the question on standard output and in the exit code.
///
/// # Errors
/// When standard output takes nothing, or the system gives no runtime.
pub(crate) fn run(registry: &Registry, probe: &Probe) -> anyhow::Result<ExitCode> {
    if !target::is_linked(registry) {
        return no_connection(probe, &probe.address, &NoConnection::NotLinked);
    }
    let spec = match target::read(registry, &probe.address) {
        Ok(spec) => spec,
        Err(error) => {
            stdio::error(&error.to_string());
            return Ok(ExitCode::from(WRONG_USAGE));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(ask(registry, probe, &spec));
    // A resolver that does not answer is not waited for.
    runtime.shutdown_background();
    code
}

fn no_connection(probe: &Probe, address: &str, failure: &NoConnection) -> anyhow::Result<ExitCode> {
    if probe.json {
        stdio::out(&report::failure_json(address, failure))?;
    } else {
        stdio::error(&failure.to_string());
    }
    Ok(ExitCode::from(NO_CONNECTION))
}

async fn ask(registry: &Registry, probe: &Probe, spec: &AddressSpec) -> anyhow::Result<ExitCode> {
    let end = Instant::now() + probe.timeout;
    let before = Counters::read();
    let mut connected = match target::connect(registry, spec, end).await {
        Ok(connected) => connected,
        Err(failure) => return no_connection(probe, &spec.to_string(), &failure),
    };
    let connecting = connected.began.elapsed();
    // From before the report is out, so that whoever reads it may send one.
    let mut signals = probe.hold.map(|_| Signals::listen()).transpose()?;

    let mut info = connected.stream.info();
    let (mut got, mut sent) = (None, true);
    if let Some(path) = &probe.get {
        let request = http::request(path, &target::authority(spec));
        got = Some(get(&mut *connected.stream, &mut info, &request, end).await);
    } else if probe.hold.is_none() {
        for pause in PAUSES {
            if !pause.is_zero() {
                let Ok(again) = target::connect(registry, spec, end).await else { break };
                connected = again;
                info = connected.stream.info();
            }
            sleep(pause).await;
            if prove(&mut *connected.stream, &mut info, end).await {
                break;
            }
        }
    } else {
        sent = false;
    }
    let happened = Counters::read().since(&before);
    let finding = Evidence { info: &info, happened, warnings: &connected.warnings, sent }.judge();
    let pause = matches!(finding, Finding::BlackHole | Finding::Paused).then(observed::pause).flatten();
    let (address, peer) = (spec.to_string(), connected.peer.to_string());
    let report = Report { address, peer, finding, connecting, info, got, pause };
    stdio::out(&if probe.json { report.json() } else { report.text() })?;

    let mut yes = report.finding.is_yes();
    if let (Some(how), Some(signals)) = (probe.hold, &mut signals) {
        let last = hold::hold(&mut *connected.stream, report.info, how, probe.json, signals).await?;
        yes &= !matches!(last.state, State::Fallback(_));
    }
    Ok(ExitCode::from(if yes { YES } else { NO }))
}

/// Ends the sending direction and waits until the peer has acknowledged that, with MPTCP or without. Whether it has.
async fn prove(stream: &mut dyn Stream, info: &mut ConnectionInfo, end: Instant) -> bool {
    let end = end.min(Instant::now() + PROOF);
    if stream.shutdown().await.is_err() {
        return false;
    }
    loop {
        // The paths are being closed now; what they were is in `info`.
        let now = stream.info();
        (info.state, info.path_limit, info.extra) = (now.state, now.path_limit, now.extra);
        let plain = matches!(info.state, State::Fallback(_));
        let answered = plain || finding::proven(info, true) != Some(false);
        if answered || Instant::now() >= end {
            return answered;
        }
        sleep(LOOK).await;
    }
}

/// Sends a request and takes the answer. `info` is what the connection was while it had paths.
async fn get(stream: &mut dyn Stream, info: &mut ConnectionInfo, request: &[u8], end: Instant) -> Got {
    let mut answer = http::Answer::default();
    let exchange = exchange(stream, info, request, &mut answer);
    let failure = match timeout_at(end.into(), exchange).await {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some("no more came in time".to_owned()),
    };
    look(stream, info);
    Got { status_line: answer.status_line, body: answer.body, failure }
}

async fn exchange(
    stream: &mut dyn Stream,
    info: &mut ConnectionInfo,
    request: &[u8],
    answer: &mut http::Answer,
) -> Result<(), String> {
    stream.write_all(request).await.map_err(|error| error.to_string())?;
    let mut buffer = vec![0; 64 << 10];
    while !answer.is_over() {
        match stream.read(&mut buffer).await.map_err(|error| error.to_string())? {
            0 if answer.end() => return Ok(()),
            0 => return Err("the peer ended the connection before its answer".to_owned()),
            length => answer.take(&buffer[..length]).map_err(|error| error.to_string())?,
        }
        look(stream, info);
    }
    Ok(())
}

/// Brings `info` up to date, but for the paths when there are none any more.
fn look(stream: &dyn Stream, info: &mut ConnectionInfo) {
    let now = stream.info();
    let paths = if now.paths.is_empty() { std::mem::take(&mut info.paths) } else { now.paths.clone() };
    *info = ConnectionInfo { paths, ..now };
}
