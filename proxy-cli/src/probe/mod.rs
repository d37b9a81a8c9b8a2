//! `braid probe ADDRESS`: connects, and reports whether the connection is as requested, and if not, why.
//!
//! Connects as a server line would, layers included, and reports what is known of the connection and its paths. For
//! MPTCP, which is the default prefix, more can be found out: see [`mptcp`].

pub(crate) mod arguments;
mod hold;
mod http;
mod json;
mod line;
mod mptcp;
mod report;
mod target;
mod verdict;

use std::process::ExitCode;
use std::time::Instant;

use proto_core::address::AddressSpec;
use proto_core::info::{ConnectionInfo, State};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout_at};

use self::arguments::Probe;
use self::line::Line;
use self::report::{Got, Report};
use self::target::NoConnection;
use self::verdict::Verdict;
use crate::process::Signals;
use crate::setup::Setup;
use crate::stdio;

/// The exit codes, for programs that run this one.
const YES: u8 = 0;
const NO: u8 = 1;
const WRONG_USAGE: u8 = 2;
const NO_CONNECTION: u8 = 3;

/// Probes, and reports the result on standard output and in the exit code.
///
/// # Errors
/// Returns an error if standard output cannot be written, or there is no runtime.
pub(crate) fn run(setup: &Setup<'_>, probe: &Probe) -> anyhow::Result<ExitCode> {
    let line = match Line::read(setup, &probe.address) {
        Ok(line) => line,
        Err(why) => {
            stdio::error(&why);
            return Ok(ExitCode::from(WRONG_USAGE));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(ask(setup, probe, &line));
    // A resolver that does not answer is not waited for.
    runtime.shutdown_background();
    code
}

fn no_connection(probe: &Probe, spec: &AddressSpec, failure: &NoConnection) -> anyhow::Result<ExitCode> {
    if probe.json {
        let members = mptcp::unanswered(spec);
        stdio::out(&report::failure_json(&spec.to_string(), members, failure))?;
    } else {
        stdio::error(&failure.to_string());
    }
    Ok(ExitCode::from(NO_CONNECTION))
}

async fn ask(setup: &Setup<'_>, probe: &Probe, line: &Line) -> anyhow::Result<ExitCode> {
    let (end, spec) = (Instant::now() + probe.timeout, line.address());
    let question = mptcp::Question::about(spec);
    let mut connected = match target::connect(setup, line, end).await {
        Ok(connected) => connected,
        Err(failure) => return no_connection(probe, spec, &failure),
    };
    let connecting = connected.began.elapsed();
    // From before the report is written, so that a reader of the report may send one.
    let mut signals = probe.hold.map(|_| Signals::listen()).transpose()?;

    let mut info = connected.stream.info();
    let (mut got, mut sent) = (None, false);
    if let Some(path) = &probe.get {
        let request = http::request(path, &target::authority(spec));
        got = Some(get(&mut *connected.stream, &mut info, &request, end).await);
        sent = true;
    } else if probe.hold.is_none() && question.is_some() {
        sent = true;
        for pause in mptcp::PAUSES {
            if !pause.is_zero() {
                let Ok(again) = target::connect(setup, line, end).await else { break };
                connected = again;
                info = connected.stream.info();
            }
            sleep(pause).await;
            if mptcp::prove(&mut *connected.stream, &mut info, end).await {
                break;
            }
        }
    }
    let verdict = match &question {
        Some(question) => question.judge(&info, &connected.warnings, sent),
        None => Verdict::of(&info),
    };
    let (address, peer) = (spec.to_string(), connected.peer.to_string());
    let shows_facts = question.is_none();
    let report = Report { address, peer, verdict, connecting, info, got, shows_facts };
    stdio::out(&if probe.json { report.json() } else { report.text() })?;

    let mut as_asked = report.verdict.as_asked;
    if let (Some(how), Some(signals)) = (probe.hold, &mut signals) {
        let last = hold::hold(&mut *connected.stream, report.info, how, probe.json, signals).await?;
        as_asked &= !matches!(last.state, State::Fallback(_));
    }
    Ok(ExitCode::from(if as_asked { YES } else { NO }))
}

/// Sends a request and reads the response. `info` is the state of the connection while it had paths.
async fn get(stream: &mut dyn Stream, info: &mut ConnectionInfo, request: &[u8], end: Instant) -> Got {
    let mut answer = http::Answer::default();
    let exchange = exchange(stream, info, request, &mut answer);
    let failure = match timeout_at(end.into(), exchange).await {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some("the rest did not arrive in time".to_owned()),
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
    // A layer may have buffered bytes.
    stream.flush().await.map_err(|error| error.to_string())?;
    let mut buffer = vec![0; 64 << 10];
    while !answer.is_over() {
        match stream.read(&mut buffer).await.map_err(|error| error.to_string())? {
            0 if answer.end() => return Ok(()),
            0 => return Err("the peer closed the connection before its response".to_owned()),
            length => answer.take(&buffer[..length]).map_err(|error| error.to_string())?,
        }
        look(stream, info);
    }
    Ok(())
}

/// Updates `info`, except the paths when there are none any more.
fn look(stream: &dyn Stream, info: &mut ConnectionInfo) {
    let now = stream.info();
    let paths = if now.paths.is_empty() { std::mem::take(&mut info.paths) } else { now.paths.clone() };
    *info = ConnectionInfo { paths, ..now };
}
