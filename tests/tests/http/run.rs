//! Runs the rows of a file side by side, since nearly all of their time is waiting, and reports all that differ.

use std::env;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use braid_tests::skip::skip;
use socket2::{Domain, Protocol, Socket, Type};

use crate::program::Program;
use crate::scenario::{Row, read};
use crate::world::{Trouble, World, who};

/// How many at once: enough to fill the waiting, few enough for a small machine.
const SIDE_BY_SIDE: usize = 6;
/// Selects rows by a part of their names.
const HTTP_ROW: &str = "HTTP_ROW";

/// Runs all rows of the group that the program can play.
pub(crate) fn run(group: &str, program: &Program) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/cases").join(format!("{group}.case"));
    let only = env::var(HTTP_ROW).unwrap_or_default();
    let rows: Vec<_> = read(&file).into_iter().filter(|row| row.name.contains(&only)).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let skipped = |why: &str| skip(&format!("{}::{group}, row {}", program.name, row.name), why);
            if program.version.is_some_and(|version| version < row.since) {
                skipped(&format!("needs version {}.{}", row.since.0, row.since.1));
                continue;
            }
            if let Err(error) = mptcp_if(row.mptcp) {
                skipped(&format!("no MPTCP: {error}"));
                continue;
            }
            match play(program, row) {
                Ok(()) => {}
                // Of a HAProxy everything is wanted.
                Err(Trouble::Unsupported(said)) if program.version.is_none() => skipped(&said),
                Err(Trouble::Unsupported(failure) | Trouble::Failed(failure)) => {
                    failures.lock().unwrap().push(format!("{}: {failure}", row.name));
                }
            }
        }
    };
    thread::scope(|scope| (0..SIDE_BY_SIDE).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// Whether a row can have MPTCP, if it needs that.
fn mptcp_if(needed: bool) -> io::Result<()> {
    if needed { Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)).map(drop) } else { Ok(()) }
}

/// Runs a test that is no table.
pub(crate) fn call(test: &str, program: &Program, function: fn(&Program) -> Result<(), Trouble>) {
    match function(program) {
        Ok(()) => {}
        Err(Trouble::Unsupported(said)) if program.version.is_none() => skip(test, &said),
        Err(Trouble::Unsupported(failure) | Trouble::Failed(failure)) => panic!("{failure}"),
    }
}

/// Runs it with a HAProxy, if there is one.
pub(crate) fn with_haproxy(test: &str, run: impl FnOnce(&Program)) {
    match Program::haproxy() {
        Ok(program) => run(&program),
        Err(reason) => skip(test, &reason),
    }
}

/// Plays one row.
fn play(program: &Program, row: &Row) -> Result<(), Trouble> {
    let who = who(program);
    let mut world = World::new(program, row)?;
    for step in row.steps.iter().filter(|step| step.who.is_none_or(|of| of == who)) {
        world.step(step).map_err(|error| {
            format!("line {}: {error}\n    output: {}", step.line, world.process.output())
        })?;
    }
    Ok(world.left()?)
}
