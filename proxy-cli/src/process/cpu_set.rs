//! A set of CPUs.

use std::fmt;

/// A set of CPUs by number. It has the size of the C library's set, and of HAProxy's.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CpuSet([u64; CpuSet::WORDS]);

impl CpuSet {
    /// Numbers are below this.
    pub(crate) const SIZE: usize = 1024;
    /// The number of 64-bit words of a set, in the kernel's layout.
    pub(super) const WORDS: usize = CpuSet::SIZE / 64;

    pub(super) fn from_words(words: [u64; CpuSet::WORDS]) -> CpuSet {
        CpuSet(words)
    }

    pub(super) fn words(&self) -> &[u64; CpuSet::WORDS] {
        &self.0
    }

    /// Adds a CPU; has no effect if it is [too high](CpuSet::SIZE).
    pub(crate) fn insert(&mut self, cpu: usize) {
        if let Some(word) = self.0.get_mut(cpu / 64) {
            *word |= 1 << (cpu % 64);
        }
    }

    /// Returns whether a CPU is in the set.
    pub(crate) fn contains(&self, cpu: usize) -> bool {
        self.0.get(cpu / 64).is_some_and(|word| word & (1 << (cpu % 64)) != 0)
    }

    /// Returns the number of CPUs.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns whether the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Iterates over the CPUs, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..CpuSet::SIZE).filter(|cpu| self.contains(*cpu))
    }

    /// Returns the union of two sets.
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

/// Formats it like `cpu-map` and the kernel's lists: `0-3,8`.
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
