//! Cases that need a process of their own: parallel tests share the table of descriptors, and a connect that nobody
//! answers must not happen in the host's network, where it can switch MPTCP off for an hour.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::cases::{Listening, runtime};
use super::{Ended, Subject, Trait, sys};
use crate::error::ConnectFailure;
use crate::options::SocketOption;
use crate::protocol::connect_within;
use crate::spec::Target;

/// Set in the child, so that it does the case instead of starting a child.
const CHILD: &str = "BRAID_CONFORMANCE_CHILD";

pub(super) fn run(case: &str, module: &str, subject: fn() -> Subject) -> Ended {
    let needed = if case == "leaves_no_descriptor_behind" { Trait::Descriptors } else { Trait::BlackHole };
    if let Some(why) = subject().lacks(needed) {
        return Ended::DoesNotApply(why.to_owned());
    }
    match needed {
        Trait::Descriptors => in_child(case, module, || no_descriptor_left(&subject())),
        _ => match child(case, module, true, || black_hole(&subject())) {
            Ok(()) => {}
            Err(why) => return Ended::Skipped(format!("no network namespace can be made here: {why}")),
        },
    }
    Ended::Passed
}

/// Does something in a process that runs only this test.
pub(super) fn in_child(case: &str, module: &str, work: impl FnOnce()) {
    child(case, module, false, work).expect("the test can start itself");
}

fn child(case: &str, module: &str, isolate: bool, work: impl FnOnce()) -> std::io::Result<()> {
    if std::env::var_os(CHILD).is_some() {
        work();
        return Ok(());
    }
    // A test's name is its path without the crate.
    let path = module.split_once("::").map_or(module, |(_, path)| path);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", &format!("{path}::{case}"), "--nocapture", "--test-threads=1"]);
    command.env(CHILD, "1").stdin(Stdio::null());
    if isolate {
        sys::isolate_network(&mut command);
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "in its own process: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Descriptors of this process, the one that counts them left out.
pub(super) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() - 1)
}

fn no_descriptor_left(subject: &Subject) {
    let round = || {
        let runtime = runtime();
        runtime.block_on(async {
            let listening = Listening::start(subject);
            for turn in 0..20 {
                let (client, server) = listening.pair(subject).await;
                match turn % 4 {
                    0 => drop((client, server)),
                    1 => client.abort(),
                    2 => drop(client.detach().expect("it detaches")),
                    _ => drop(server.detach().expect("it detaches").into_stream().expect("it registers")),
                }
            }
            let unserved = listening.connect(subject).await;
            drop(listening);
            drop(unserved);
        });
    };
    // The first round makes what is made once and kept.
    round();
    let before = descriptors();
    round();
    assert_eq!(descriptors(), before, "descriptors left behind");
}

fn black_hole(subject: &Subject) {
    sys::loopback_up().expect("the namespace is ours");
    runtime().block_on(async {
        let listening = Listening::with(subject, [SocketOption::Backlog(1)]);
        let server = subject.server(&listening.address);
        let connectable = subject.protocol.connector(server, &subject.kernel).expect("a connector");
        let target = Target::new(listening.address.clone());
        let limit = Duration::from_millis(400);
        let mut inside = Vec::new();
        let error = loop {
            assert!(inside.len() < 64, "the backlog of 1 is never full");
            let started = Instant::now();
            match connect_within(&*connectable.connector, &target, limit).await {
                Ok(stream) => inside.push(stream),
                Err(error) => {
                    assert!(started.elapsed() < limit * 5, "the error came after {:?}", started.elapsed());
                    break error;
                }
            }
        };
        assert_eq!(error.failure(), ConnectFailure::TimedOut, "{error}");
        assert!(error.to_string().contains(&listening.address.to_string()), "{error}");
    });
}
