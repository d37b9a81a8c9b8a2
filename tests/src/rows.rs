//! Rows of a table, each with a program and peers of its own. They run in parallel, since nearly all of their time is
//! waiting, and all failures are reported.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::program::Program;
pub use crate::row_failure::RowFailure;
use crate::skip::skip;

/// The number of rows that run at once: enough to fill the waiting, few enough for a small machine.
const SIDE_BY_SIDE: usize = 6;

/// A row.
pub trait Row: Sync {
    /// Returns the name, which is unique in its group.
    fn name(&self) -> &str;

    /// Returns why it cannot run with this program on this machine, if so; it is then counted as skipped.
    fn obstacle(&self, program: &Program) -> Option<String>;

    /// Runs it, and compares the results.
    fn play(&self, program: &Program) -> Result<(), RowFailure>;
}

/// Runs the rows that the program supports, of those whose names contain the value of the variable `selection`.
///
/// # Panics
/// Panics if any row fails, with the messages of all failures.
pub fn run<R: Row>(program: &Program, group: &str, rows: &[R], selection: &str) {
    let only = env::var(selection).unwrap_or_default();
    let rows: Vec<_> = rows.iter().filter(|row| row.name().contains(&only)).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = row.name();
            let test = format!("{}::{group}, row {name}", program.name);
            if let Some(why) = row.obstacle(program) {
                skip(&test, &why);
            } else if let Err(failure) = settle(program, &test, row.play(program)) {
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}: {failure}"));
            }
        }
    };
    thread::scope(|scope| (0..SIDE_BY_SIDE).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// Converts a result to what is reported. What Braid does not support is skipped; a HAProxy has to support everything.
pub fn settle(program: &Program, test: &str, outcome: Result<(), RowFailure>) -> Result<(), String> {
    match outcome {
        Ok(()) => Ok(()),
        Err(RowFailure::Unsupported(said)) if program.version.is_none() => {
            skip(test, &said);
            Ok(())
        }
        Err(RowFailure::Unsupported(failure) | RowFailure::Failed(failure)) => Err(failure),
    }
}

/// Runs a test with a HAProxy, if there is one.
pub fn with_haproxy(test: &str, run: impl FnOnce(&Program)) {
    match Program::haproxy() {
        Ok(program) => run(&program),
        Err(reason) => skip(test, &reason),
    }
}
