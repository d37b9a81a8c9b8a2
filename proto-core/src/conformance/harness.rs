//! Runs a case on a thread of its own and watches it: a case that makes no progress fails with the step it was at.
//!
//! A timer of the runtime cannot do this: what blocks the worker blocks the timer too.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// The longest time without a new step or a byte moved. Each step takes milliseconds if nothing is wrong.
pub(super) const STILL: Duration = Duration::from_secs(3);

/// The same limit once `MANY` cases of a run have exceeded it: if `accept` hangs, all of them do.
const STILL_AFTERWARDS: Duration = Duration::from_secs(1);
const MANY: usize = 4;

/// The number of cases that have exceeded the limit.
static STALLED: AtomicUsize = AtomicUsize::new(0);

/// The longest time for all steps of a case. None takes more than two seconds if nothing is wrong.
const LONGEST: Duration = Duration::from_secs(15);

/// The interval at which progress is checked.
const INTERVAL: Duration = Duration::from_millis(50);

/// The progress of a case.
#[derive(Debug, Default)]
struct Progress {
    step: Mutex<String>,
    moved: AtomicU64,
}

thread_local! {
    static PROGRESS: RefCell<Option<Arc<Progress>>> = const { RefCell::new(None) };
    static RUNTIME: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
}

/// The failure of a case.
#[derive(Debug)]
pub(super) struct Failure {
    /// The step that failed.
    pub(super) step: String,
    /// The message.
    pub(super) what: String,
}

/// Begins a step, for the message if it fails.
pub(super) fn step(name: impl Into<String>) {
    PROGRESS.with_borrow(|progress| {
        if let Some(progress) = progress {
            *progress.step.lock().unwrap_or_else(PoisonError::into_inner) = name.into();
            progress.moved.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Reports progress within a step: bytes have moved.
pub(super) fn moving() {
    PROGRESS.with_borrow(|progress| {
        if let Some(progress) = progress {
            progress.moved.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Starts another worker of the same case.
pub(super) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let progress = PROGRESS.with_borrow(Clone::clone);
    std::thread::spawn(move || {
        let _end = EndsRuntime;
        PROGRESS.set(progress);
        work()
    })
}

/// Returns the result of another worker.
///
/// # Panics
/// Panics with the worker's message if it panicked.
pub(super) fn join<T>(worker: JoinHandle<T>) -> T {
    worker.join().unwrap_or_else(|payload| panic!("on another worker: {}", words(&*payload)))
}

/// Returns the runtime of this worker, which stays the same, so that what one call registers the next can drive.
pub(super) fn runtime() -> Rc<Runtime> {
    RUNTIME.with_borrow_mut(|kept| {
        let make = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Rc::clone(kept.get_or_insert_with(|| Rc::new(make())))
    })
}

/// Runs a future on the runtime of this worker.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

/// Drops the runtime of a worker when its work ends, also by a panic.
struct EndsRuntime;

impl Drop for EndsRuntime {
    fn drop(&mut self) {
        RUNTIME.set(None);
    }
}

/// Runs a case and watches it. The thread of a case that makes no progress is abandoned.
pub(super) fn watched<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let progress = Arc::<Progress>::default();
    let (ended, end) = channel::<()>();
    let of_case = Arc::clone(&progress);
    let thread = Builder::new().name(name.to_owned()).spawn(move || {
        PROGRESS.set(Some(of_case));
        // Dropped when the work ends, also by a panic.
        let (_ended, _end) = (ended, EndsRuntime);
        work()
    });
    let thread = thread.expect("a thread can be started");
    let failed = |what: String| {
        let step = progress.step.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Failure { step, what }
    };
    let patience = if STALLED.load(Ordering::Relaxed) < MANY { STILL } else { STILL_AFTERWARDS };
    let begun = Instant::now();
    let (mut moved, mut since) = (0, begun);
    while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
        if begun.elapsed() > LONGEST {
            return Err(failed(format!("it takes longer than {LONGEST:?}, with slow progress")));
        }
        let now = progress.moved.load(Ordering::Relaxed);
        if now != moved {
            (moved, since) = (now, Instant::now());
        } else if since.elapsed() > patience {
            STALLED.fetch_add(1, Ordering::Relaxed);
            return Err(failed(format!("no progress for {patience:?}: it waits, blocks or spins")));
        }
    }
    thread.join().map_err(|payload| failed(words(&*payload)))
}

/// Returns the message of a panic.
fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_its_step() {
        let failure = watched("it", || {
            step("the first");
            step("the second");
            panic!("no {}", 7);
        });
        let Err(Failure { step, what }) = failure.map(|never: ()| never) else { panic!("it failed") };
        assert_eq!((step.as_str(), what.as_str()), ("the second", "no 7"));
    }

    #[test]
    fn a_case_that_blocks_its_worker_fails() {
        let failure = watched("it", || {
            step("a lock");
            let (kept, never) = channel::<()>();
            let _ = never.recv_timeout(STILL * 3);
            drop(kept);
        });
        assert_eq!(failure.map_err(|failure| failure.step), Err("a lock".to_owned()));
    }

    #[test]
    fn the_progress_and_panics_of_other_workers_count() {
        let failure = watched("it", || join(spawn(|| step("elsewhere"))));
        assert!(failure.is_ok());
        let failure = watched("it", || join(spawn(|| panic!("over there"))));
        assert_eq!(failure.map_err(|failure| failure.what), Err("on another worker: over there".to_owned()));
    }
}
