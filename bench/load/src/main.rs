//! The command `braid-load`: see `braid-load --help`.

mod cli;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use braid_load::{Held, Origin, OriginPlan, Report, Seed, Target, Termination, raise_file_limit, run};

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
    // A low limit shows as an error of the connection it hits; not being allowed to raise it is none yet.
    let _ = raise_file_limit();
    match command {
        Command::Help => {
            say(cli::USAGE.trim_end())?;
            Ok(true)
        }
        Command::Run { plan, common } => show(&run(&plan)?, &common),
        Command::Hold { target, count, seed, common } => hold(&target, count, seed, &common),
        Command::Serve { addr, once, lifetime, common } => {
            let plan = OriginPlan {
                addr,
                transport: common.transport,
                send_buffer: common.send_buffer,
                patience: common.timeout,
            };
            serve(&plan, once, lifetime, common.json)
        }
    }
}

fn show(report: &Report, common: &Common) -> anyhow::Result<bool> {
    say(&if common.json { report.to_json() } else { report.to_string() })?;
    Ok(report.is_ok())
}

fn hold(target: &Target, count: u64, seed: Seed, common: &Common) -> anyhow::Result<bool> {
    let begin = std::time::Instant::now();
    let held = Held::open(target, count, seed, common.timeout)?;
    say(&format!("holding {} connections", held.count()))?;
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let end = io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink());
        // Nobody listens any more when the time was over first.
        let _ = sender.send(end);
    });
    let in_time = ended.recv_timeout(common.timeout.saturating_sub(begin.elapsed())).is_ok();
    if !in_time {
        eprintln!("braid-load: standard input was still open when the time was over");
    }
    Ok(show(&held.close(), common)? && in_time)
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
    // Whichever comes first; being told nothing in a lifetime is an end like the others.
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

/// Prints a line and lets it go at once: a script waits for it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("write to standard output")
}
