//! `cpu-map`: which CPUs each worker runs on.
//!
//! ```text
//!  cpu-map [auto:]<groups>[/<threads>] <cpus>...
//!            │       │         │          └ 0  0-3  0-  0,2-3: added up
//!            │       └─────────┴ all, odd, even, 1, 1-4, 1-: numbers from 1 to 64
//!            └ the first thread gets the lowest CPU, the second the next, and so on; without it each gets all
//! ```
//!
//! There is one group, so only the first group has an effect; others may be named, as in HAProxy, and are ignored. A
//! line replaces earlier ones for the same threads.

use std::collections::BTreeSet;

use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections, inventory, mistake};

use super::cpu_map_words::{cpus, numbers};
use crate::process::{CpuSet, GROUP_THREADS};

/// The CPUs of each worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuMap(Vec<CpuSet>);

impl CpuMap {
    /// Returns the CPUs of a worker, counted from 0; `None` if it may run on any.
    pub(crate) fn of(&self, worker: usize) -> Option<&CpuSet> {
        self.0.get(worker).filter(|cpus| !cpus.is_empty())
    }

    /// Returns warnings for this number of workers on a machine with these CPUs.
    pub(crate) fn warnings(&self, workers: usize, available: &CpuSet) -> Vec<String> {
        let bound: Vec<&CpuSet> = (0..workers).filter_map(|worker| self.of(worker)).collect();
        if bound.is_empty() {
            return Vec::new();
        }
        let mut warnings = Vec::new();
        if bound.len() < workers {
            let free = workers - bound.len();
            warnings.push(format!(
                "'cpu-map' has CPUs for {} threads and none for {free}, which may meet others on one CPU",
                bound.len()
            ));
        }
        let cpus = bound.iter().fold(CpuSet::default(), |all, cpus| all.or(cpus));
        let usable = cpus.iter().filter(|cpu| available.contains(*cpu)).count();
        if usable < bound.len() {
            warnings.push(format!(
                "'cpu-map' has {} threads share {usable} CPUs ({cpus}, of which this process may use {usable})",
                bound.len()
            ));
        }
        warnings
    }

    fn set(&mut self, thread: usize, cpus: CpuSet) {
        self.0.resize(self.0.len().max(thread), CpuSet::default());
        if let Some(slot) = thread.checked_sub(1).and_then(|worker| self.0.get_mut(worker)) {
            *slot = cpus;
        }
    }
}

inventory::submit! {
    Directive::new(
        "cpu-map",
        "[auto:]<groups>[/<threads>] <cpus>...",
        Sections::GLOBAL,
        "which CPUs each worker runs on",
        parse,
    )
}

fn parse(line: &mut Line<'_, '_>) -> Parsed {
    let whom = line.args.word("a thread group, perhaps with threads: '1', '1/1-4', 'auto:1/all'")?;
    let auto = whom.starts_with("auto:");
    let begin = if auto { "auto:".len() } else { 0 };
    let slash = whom.find('/').unwrap_or(whom.len());
    let groups = numbers(whom, begin, slash)?;
    let threads: BTreeSet<usize> = match slash {
        slash if slash < whom.len() => numbers(whom, slash + 1, whom.len())?,
        _ => (1..=GROUP_THREADS).collect(),
    };
    let mut set = cpus(line.args.word("CPUs: '0', '0-3', '0,2-'")?)?;
    for word in line.args.rest() {
        set = set.or(&cpus(word)?);
    }
    if auto && set.len() != groups.len() && set.len() != threads.len() {
        let message = format!("{} threads cannot have one each of {} CPUs", threads.len(), set.len());
        return Err(mistake(whom.span.to(line.args.last()), message));
    }
    if auto && set.len() < threads.len() {
        let message = format!("of {} threads only the first {} get a CPU", threads.len(), set.len());
        let place = whom.span.to(line.args.last());
        line.surroundings.diagnostics.push(Diagnostic::warning(place, message));
    }
    if groups.contains(&1) {
        let map: &mut CpuMap = line.section.get_mut();
        let mut each = set.iter();
        for thread in threads {
            let cpus = if auto { each.next().into_iter().collect() } else { set };
            map.set(thread, cpus);
        }
    }
    Ok(())
}
