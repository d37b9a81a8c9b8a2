//! Pipes for `splice(2)`, pooled per worker within a budget.
//!
//! A direction has a pipe only during a turn, or for as long as bytes are stuck in it, so a few pipes serve many
//! connections. A pipe that is returned with bytes in it is closed: its next user would send them to the wrong
//! peer.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::sys;

/// The smallest useful capacity: below it a pipe is not worth its two system calls per turn, and a large copy is as
/// good. A user over `fs.pipe-user-pages-soft` gets pipes of two pages (Linux 6.18).
const WORTHWHILE: usize = 256 * 1024;

/// The number of directions that go without a pipe after the system has refused one, before it is asked again.
const PATIENCE: u32 = 1024;

/// The use of the pipes of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PipeStatistics {
    /// Pipes that exist.
    pub open: usize,
    /// Those of them that are not in use.
    pub idle: usize,
    /// How often a direction asked for a pipe and got none.
    pub refused: u64,
    /// The bytes that went through pipes.
    pub spliced: u64,
}

/// The use of the pipes of a worker, for other threads to read. Only the worker writes.
#[derive(Debug, Default)]
pub struct PipeCounts {
    open: AtomicUsize,
    idle: AtomicUsize,
    refused: AtomicU64,
    spliced: AtomicU64,
}

impl PipeCounts {
    /// Returns the counts as of now.
    pub fn read(&self) -> PipeStatistics {
        PipeStatistics {
            open: self.open.load(Relaxed),
            idle: self.idle.load(Relaxed),
            refused: self.refused.load(Relaxed),
            spliced: self.spliced.load(Relaxed),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Pool {
    size: usize,
    budget: usize,
    idle: RefCell<Vec<Rc<Ends>>>,
    counts: Arc<PipeCounts>,
    /// The number of directions that still go without a pipe because the system refused one.
    waiting: Cell<u32>,
}

impl Pool {
    pub(crate) fn new(size: usize, budget: usize) -> Pool {
        Pool { size, budget, idle: RefCell::default(), counts: Arc::default(), waiting: Cell::new(0) }
    }

    /// Returns an empty pipe; `None` when the budget is spent or the system refuses.
    pub(crate) fn take(&self) -> Option<Lease<'_>> {
        let unused = self.idle.borrow_mut().pop();
        self.count_idle();
        let ends = unused.or_else(|| self.make());
        if ends.is_none() {
            let refused = &self.counts.refused;
            refused.store(refused.load(Relaxed) + 1, Relaxed);
        }
        ends.map(|ends| Lease { pool: self, ends, held: 0 })
    }

    fn make(&self) -> Option<Rc<Ends>> {
        let open = self.counts.open.load(Relaxed);
        if open >= self.budget {
            return None;
        }
        if let Some(left) = self.waiting.get().checked_sub(1) {
            self.waiting.set(left);
            return None;
        }
        // Why it was refused does not matter: nothing can be done about it, and copying works.
        let Ok(ends) = Ends::new(self.size) else {
            self.waiting.set(PATIENCE);
            return None;
        };
        self.counts.open.store(open + 1, Relaxed);
        Some(Rc::new(ends))
    }

    fn count_idle(&self) {
        self.counts.idle.store(self.idle.borrow().len(), Relaxed);
    }

    pub(crate) fn counts(&self) -> &Arc<PipeCounts> {
        &self.counts
    }
}

/// The two descriptors of a pipe.
#[derive(Debug)]
struct Ends {
    out: OwnedFd,
    into: OwnedFd,
    size: usize,
}

impl Ends {
    fn new(size: usize) -> io::Result<Ends> {
        let (out, into) = sys::pipe()?;
        let size = sys::set_pipe_size(into.as_fd(), size)?;
        if size < WORTHWHILE {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(Ends { out, into, size })
    }
}

/// A pipe on loan from the pool, and how much is in it. It returns to the pool when it is dropped empty, and is
/// closed otherwise.
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    pool: &'a Pool,
    /// In an `Rc` only so that dropping the lease can return it; never shared.
    ends: Rc<Ends>,
    held: usize,
}

impl Lease<'_> {
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Moves bytes from a socket into the pipe, which must be empty: `EAGAIN` means either an empty socket or a
    /// full pipe. Returns 0 at the end of file.
    pub(crate) fn fill(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        debug_assert_eq!(self.held, 0);
        self.held = sys::splice(socket, self.ends.into.as_fd(), self.ends.size)?;
        Ok(self.held)
    }

    /// Moves bytes from the pipe to a socket.
    pub(crate) fn drain(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        let moved = sys::splice(self.ends.out.as_fd(), socket, self.held)?;
        self.held -= moved;
        let spliced = &self.pool.counts.spliced;
        spliced.store(spliced.load(Relaxed) + moved as u64, Relaxed);
        Ok(moved)
    }

    /// Reads what is in the pipe, for a stream that no longer splices.
    pub(crate) fn unload(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.held];
        while self.held > 0 {
            let at = bytes.len() - self.held;
            match sys::read(self.ends.out.as_fd(), &mut bytes[at..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => self.held -= n,
            }
        }
        Ok(bytes)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if self.held == 0 {
            self.pool.idle.borrow_mut().push(Rc::clone(&self.ends));
            self.pool.count_idle();
        } else {
            let open = &self.pool.counts.open;
            open.store(open.load(Relaxed) - 1, Relaxed);
        }
    }
}
