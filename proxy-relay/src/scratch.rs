//! What all relays of a worker share, so that no relay owns it: the copy buffer and the pipes.

use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::budget::{Budget, NoMemory};
use crate::copy::Spill;
use crate::pipe::{PipeCounts, PipeStatistics, Pool};

/// The limits for the relays of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScratchConfig {
    /// The most bytes one read takes; also the most that one direction keeps for a side that takes nothing.
    pub buffer: usize,
    /// The number of bytes kept for all sides that take nothing, above which every relay of the worker reads in
    /// small pieces.
    pub kept: usize,
    /// The capacity of a pipe in bytes.
    pub pipe_size: usize,
    /// The most pipes. Without `CAP_SYS_RESOURCE` a user has `fs.pipe-user-pages-soft` pages for all of them, by
    /// default 64 pipes of 1 MiB for all workers together.
    pub pipes: usize,
}

impl Default for ScratchConfig {
    fn default() -> ScratchConfig {
        ScratchConfig { buffer: 1024 * 1024, kept: 64 * 1024 * 1024, pipe_size: 1024 * 1024, pipes: 16 }
    }
}

/// The most bytes one read takes while memory is scarce: a side that takes nothing keeps no more.
const SCARCE: usize = 2 * 1024;

/// The copy buffer and the pipes of one worker.
pub struct Scratch {
    config: ScratchConfig,
    budget: Budget,
    /// Empty until the first relay has something to copy, and while one is copying.
    buffer: Cell<Vec<u8>>,
    kept: Cell<usize>,
    pipes: Pool,
}

impl Scratch {
    /// Creates it empty, without a limit on memory. Memory and descriptors are taken as relays need them.
    pub fn new(config: ScratchConfig) -> Scratch {
        Scratch::limited(config, Budget::default())
    }

    /// Creates it empty, with a budget for what relays keep.
    pub fn limited(config: ScratchConfig, budget: Budget) -> Scratch {
        let buffer = config.buffer.max(crate::pace::SMALL);
        let config = ScratchConfig { buffer, ..config };
        let pipes = Pool::new(config.pipe_size, config.pipes);
        Scratch { config, budget, buffer: Cell::default(), kept: Cell::new(0), pipes }
    }

    /// Returns the number of bytes that were read and wait for a side that takes nothing, pipes not included.
    pub fn kept(&self) -> usize {
        self.kept.get()
    }

    /// Returns the use of the pipes.
    pub fn pipe_statistics(&self) -> PipeStatistics {
        self.pipes.counts().read()
    }

    /// Returns the counts of the pipes, for other threads.
    pub fn pipe_counts(&self) -> Arc<PipeCounts> {
        Arc::clone(self.pipes.counts())
    }

    /// Returns an account for bytes that other code keeps for a side that takes nothing.
    pub fn kept_elsewhere(&self) -> Kept<'_> {
        Kept { kept: &self.kept, bytes: 0 }
    }

    pub(crate) fn pipes(&self) -> &Pool {
        &self.pipes
    }

    /// Returns the most bytes one read may take now.
    pub fn largest_read(&self) -> usize {
        if self.budget.is_scarce() {
            SCARCE
        } else if self.kept.get() < self.config.kept {
            self.config.buffer
        } else {
            crate::pace::SMALL
        }
    }

    /// Lends a buffer of at least this length, for one step of one poll. A second borrower at the same time gets
    /// another buffer.
    pub fn borrow(&self, length: usize) -> Borrowed<'_> {
        let mut buffer = self.buffer.take();
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        Borrowed { scratch: self, buffer }
    }

    /// Returns the memory that relays may take.
    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    /// Keeps a copy of bytes for a receiver that does not take them yet.
    pub(crate) fn spill(&self, bytes: &[u8]) -> Result<Spill<'_>, NoMemory> {
        self.budget.hold()?;
        Ok(self.spill_all(bytes.to_vec()))
    }

    /// Keeps bytes that have their memory already.
    pub(crate) fn spill_all(&self, bytes: Vec<u8>) -> Spill<'_> {
        Spill::new(&self.kept, bytes)
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new(ScratchConfig::default())
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch")
            .field("config", &self.config)
            .field("kept", &self.kept.get())
            .field("pipes", &self.pipe_statistics())
            .finish_non_exhaustive()
    }
}

/// The copy buffer, on loan, with whatever contents it had before.
pub struct Borrowed<'a> {
    scratch: &'a Scratch,
    buffer: Vec<u8>,
}

impl Deref for Borrowed<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer
    }
}

impl DerefMut for Borrowed<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }
}

impl fmt::Debug for Borrowed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Borrowed").field("length", &self.buffer.len()).finish_non_exhaustive()
    }
}

/// Bytes kept by other code for a side that takes nothing, which are part of the worker's count.
#[derive(Debug)]
pub struct Kept<'a> {
    kept: &'a Cell<usize>,
    bytes: usize,
}

impl Kept<'_> {
    /// Sets the number of bytes kept now.
    pub fn set(&mut self, bytes: usize) {
        self.kept.set(self.kept.get() - self.bytes + bytes);
        self.bytes = bytes;
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.scratch.buffer.set(std::mem::take(&mut self.buffer));
    }
}
