//! The command `braid-load`: see `braid-load --help`.

mod cli;

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use braid_load::{
    Held, HttpOrigin, Origin, OriginPlan, Seed, Target, Termination, compare_http, raise_file_limit, run,
    run_http,
};

use crate::cli::{Command, Common};

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("braid-load: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn work() -> anyhow::Result<bool> {
    let command = cli::parse(std::env::args_os().skip(1))?;
    // A low limit appears as an error of the connection that exceeds it, so failing to raise it is not an error
    // yet.
    let _ = raise_file_limit();
    match command {
        Command::Help => {
            say(cli::USAGE.trim_end())?;
            Ok(true)
        }
        Command::Run { plan, common } => {
            let report = run(&plan)?;
            show(report.is_ok(), &common, report.to_json(), &report)
        }
        Command::Http { plan, common } => {
            let report = run_http(&plan)?;
            show(report.is_ok(), &common, report.to_json(), &report)
        }
        Command::Compare(comparison) => {
            let table = compare_http(&comparison, |line| {
                // Progress, for a person at the terminal.
                eprintln!("{line}");
            })?;
            say(table.to_string().trim_end())?;
            Ok(table.is_complete())
        }
        Command::Hold { target, count, seed, common } => hold(&target, count, seed, &common),
        Command::Serve { addr, once, lifetime, common } => {
            serve(&origin_plan(addr, &common), once, lifetime, common.json)
        }
        Command::ServeHttp { addr, lifetime, common } => {
            serve_http(&origin_plan(addr, &common), lifetime, common.json)
        }
    }
}

fn origin_plan(addr: SocketAddr, common: &Common) -> OriginPlan {
    let Common { transport, send_buffer, timeout: patience, .. } = *common;
    OriginPlan { addr, transport, send_buffer, patience }
}

fn show(ok: bool, common: &Common, json: String, text: &dyn Display) -> anyhow::Result<bool> {
    say(&if common.json { json } else { text.to_string() })?;
    Ok(ok)
}

fn hold(target: &Target, count: u64, seed: Seed, common: &Common) -> anyhow::Result<bool> {
    let begin = std::time::Instant::now();
    let held = Held::open(target, count, seed, common.timeout)?;
    say(&format!("holding {} connections", held.count()))?;
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let end = io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink());
        // The receiver is gone if the timeout expired first.
        let _ = sender.send(end);
    });
    let in_time = ended.recv_timeout(common.timeout.saturating_sub(begin.elapsed())).is_ok();
    if !in_time {
        eprintln!("braid-load: standard input was still open when the timeout expired");
    }
    let report = held.close();
    Ok(show(report.is_ok(), common, report.to_json(), &report)? && in_time)
}

fn serve(plan: &OriginPlan, once: Option<u64>, lifetime: Duration, json: bool) -> anyhow::Result<bool> {
    // Before there are threads, so that they all inherit it.
    let termination = Termination::block().context("block the signals")?;
    let origin = Origin::start_with(plan)?;
    say(&format!("listening on {}", origin.addr()))?;
    let (sender, end) = mpsc::channel();
    if let Some(count) = once {
        let (finished, sender) = (Arc::clone(origin.finished()), sender.clone());
        thread::spawn(move || {
            if finished.wait_for(count, lifetime).is_ok() {
                let _ = sender.send(());
            }
        });
    }
    thread::spawn(move || {
        if termination.wait().is_ok() {
            let _ = sender.send(());
        }
    });
    // The first of the two ends; a lifetime without a signal is an end like the others.
    let _ = end.recv_timeout(lifetime);
    let counts = origin.stop();
    say(&if json {
        format!(
            "{{\"job\":\"serve\",\"accepted\":{},\"mptcp\":{},\"finished\":{},\"silent\":{},\"failed\":{},\"mismatched\":{}}}",
            counts.accepted, counts.mptcp, counts.finished, counts.silent, counts.failed, counts.mismatched
        )
    } else {
        format!(
            "accepted {} connections ({} of them MPTCP), {} said nothing, {} failed, {} mismatched",
            counts.accepted, counts.mptcp, counts.silent, counts.failed, counts.mismatched
        )
    })?;
    Ok(counts.mismatched == 0)
}

fn serve_http(plan: &OriginPlan, lifetime: Duration, json: bool) -> anyhow::Result<bool> {
    let termination = Termination::block().context("block the signals")?;
    let origin = HttpOrigin::start(plan)?;
    say(&format!("listening on {}", origin.addr()))?;
    let (sender, end) = mpsc::channel();
    thread::spawn(move || {
        if termination.wait().is_ok() {
            let _ = sender.send(());
        }
    });
    let _ = end.recv_timeout(lifetime);
    let counts = origin.stop();
    say(&if json {
        format!(
            "{{\"job\":\"serve-http\",\"accepted\":{},\"mptcp\":{},\"requests\":{},\"posted\":{},\"mismatched\":{},\"failed\":{}}}",
            counts.accepted, counts.mptcp, counts.requests, counts.posted, counts.mismatched, counts.failed
        )
    } else {
        format!(
            "accepted {} connections ({} of them MPTCP), {} requests with {} bytes, {} mismatched, {} connections failed{}",
            counts.accepted,
            counts.mptcp,
            counts.requests,
            counts.posted,
            counts.mismatched,
            counts.failed,
            counts.first_failure.map_or(String::new(), |failure| format!(": {failure}")),
        )
    })?;
    Ok(counts.mismatched == 0)
}

/// Prints a line and flushes it: a script waits for it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("write to standard output")
}
