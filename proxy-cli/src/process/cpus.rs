//! `cpu-map` and `nbthread`: CPUs, and which of them threads run on.

use std::fmt;
use std::io;

use super::sys;

/// Threads that `cpu-map` can name: those of HAProxy's thread group, on machines of 64 bits.
pub(crate) const GROUP_THREADS: usize = 64;

/// CPUs by number. As many as the C library's set has room for, and HAProxy's.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CpuSet([u64; CpuSet::WORDS]);

impl CpuSet {
    /// Numbers are below this.
    pub(crate) const SIZE: usize = 1024;
    /// Words of 64 bits that hold a set, as the kernel lays it out.
    pub(super) const WORDS: usize = CpuSet::SIZE / 64;

    pub(super) fn from_words(words: [u64; CpuSet::WORDS]) -> CpuSet {
        CpuSet(words)
    }

    pub(super) fn words(&self) -> &[u64; CpuSet::WORDS] {
        &self.0
    }

    /// Adds one; nothing happens to one that is [too high](CpuSet::SIZE).
    pub(crate) fn insert(&mut self, cpu: usize) {
        if let Some(word) = self.0.get_mut(cpu / 64) {
            *word |= 1 << (cpu % 64);
        }
    }

    /// Whether one is in it.
    pub(crate) fn contains(&self, cpu: usize) -> bool {
        self.0.get(cpu / 64).is_some_and(|word| word & (1 << (cpu % 64)) != 0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// All, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..CpuSet::SIZE).filter(|cpu| self.contains(*cpu))
    }

    /// Those of both.
    #[must_use]
    pub(crate) fn or(mut self, other: &CpuSet) -> CpuSet {
        self.0.iter_mut().zip(other.0).for_each(|(word, others)| *word |= others);
        self
    }
}

impl FromIterator<usize> for CpuSet {
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> CpuSet {
        let mut set = CpuSet::default();
        cpus.into_iter().for_each(|cpu| set.insert(cpu));
        set
    }
}

/// `0-3,8`: as `cpu-map` and the kernel's lists have it.
impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begins = |cpu: &usize| *cpu == 0 || !self.contains(cpu - 1);
        for (index, first) in self.iter().filter(begins).enumerate() {
            let last = (first..CpuSet::SIZE).take_while(|cpu| self.contains(*cpu)).last().unwrap_or(first);
            write!(f, "{}{first}", if index > 0 { "," } else { "" })?;
            if last > first {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CpuSet({self})")
    }
}

/// CPUs cannot be learnt or chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// The system does not say.
    #[error("cannot learn the CPUs of this process")]
    Learn(#[source] io::Error),
    /// The system refuses: none of them exists, or is allowed to this process.
    #[error("cannot run on CPUs {0}")]
    Set(Box<CpuSet>, #[source] io::Error),
}

/// Has this thread, and those that it makes from now on, run on these CPUs only. Of those that are not there the
/// kernel takes no notice, as long as one is.
///
/// # Errors
/// When none is there.
pub(crate) fn pin_this_thread(cpus: &CpuSet) -> Result<(), PinError> {
    sys::set_affinity(cpus).map_err(|error| PinError::Set(Box::new(*cpus), error))
}

/// The CPUs that this thread may run on.
///
/// # Errors
/// When the system does not say, as one with more than [`CpuSet::SIZE`].
pub(crate) fn available() -> Result<CpuSet, PinError> {
    sys::affinity().map_err(PinError::Learn)
}

/// Threads of a process that does not say `nbthread`: one for each CPU that it may run on when it starts, and at most
/// as many as `cpu-map` can name.
pub(crate) fn default_threads() -> Result<usize, PinError> {
    Ok(available()?.len().clamp(1, GROUP_THREADS))
}
