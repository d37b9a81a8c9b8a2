//! Rows of a table, each a small world with its own program: played side by side, since nearly all of their time is
//! waiting, and all that differ are reported.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::program::Program;
pub use crate::row_failure::RowFailure;
use crate::skip::skip;

/// How many at once: enough to fill the waiting, few enough for a small machine.
const SIDE_BY_SIDE: usize = 6;

/// One row.
pub trait Row: Sync {
    /// Unique in its group.
    fn name(&self) -> &str;

    /// Why it cannot be played with this program on this machine, if so; it is then counted as skipped.
    fn obstacle(&self, program: &Program) -> Option<String>;

    /// Plays it, and compares what was to be compared.
    fn play(&self, program: &Program) -> Result<(), RowFailure>;
}

/// Runs the rows that the program can play, of those whose names contain what the variable `selection` has.
///
/// # Panics
/// When any row fails, with what all of them said.
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

/// What has failed. What Braid does not know is skipped; of a HAProxy everything is wanted.
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
