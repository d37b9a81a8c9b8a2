//! The output of callgrind: with `--separate-threads=yes` a file for each thread, `FILE-01` first, each with the
//! number of the thread's instructions in a line `totals:`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// The instructions of each thread, in the order in which the threads were created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Threads(Vec<u64>);

/// The difference in instructions between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) all_threads: i64,
    /// The growth of the thread that grew most.
    pub(crate) busiest_thread: i64,
}

impl Threads {
    /// Reads the files of one run; `out` is the value of `--callgrind-out-file`.
    pub(crate) fn read(out: &Path) -> anyhow::Result<Self> {
        let mut threads = Vec::new();
        loop {
            let file = file_of(out, threads.len() + 1);
            let text = match fs::read_to_string(&file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                text => text.with_context(|| format!("read {}", file.display()))?,
            };
            threads.push(total(&text).with_context(|| format!("no line `totals:` in {}", file.display()))?);
        }
        ensure!(!threads.is_empty(), "callgrind wrote nothing: braid did not end in order");
        Ok(Self(threads))
    }

    pub(crate) fn growth_from(&self, before: &Self) -> anyhow::Result<Growth> {
        let (now, then) = (&self.0, &before.0);
        ensure!(
            now.len() == then.len(),
            "braid had {} threads in one run, {} in the other",
            then.len(),
            now.len()
        );
        let each = || now.iter().zip(then).map(|(&now, &then)| now.cast_signed() - then.cast_signed());
        Ok(Growth { all_threads: each().sum(), busiest_thread: each().max().unwrap_or_default() })
    }
}

fn file_of(out: &Path, thread: usize) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(format!("-{thread:02}"));
    name.into()
}

fn total(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn totals_are_read_for_each_thread() {
        let folder = Folder::new().unwrap();
        let out = folder.fresh().unwrap().join("out");
        assert!(Threads::read(&out).is_err());
        for (thread, total) in [(1, 1_379_482), (2, 10_941), (3, 4_547_214)] {
            let text = format!(
                "# callgrind format\nversion: 1\ncmd:  braid\nthread: {thread}\nevents: Ir\nsummary: {total}\n\n\
                 fn=(1) main\n12 3\n\ntotals: {total}\n"
            );
            fs::write(file_of(&out, thread), text).unwrap();
        }
        assert_eq!(Threads::read(&out).unwrap(), Threads(vec![1_379_482, 10_941, 4_547_214]));
        fs::write(file_of(&out, 4), "events: Ir\n").unwrap();
        let error = Threads::read(&out).unwrap_err().to_string();
        assert!(error.contains("totals") && error.contains("out-04"), "{error}");
    }

    #[test]
    fn growth_is_that_of_all_threads_and_of_the_busiest() {
        let (few, many) = (Threads(vec![100, 20, 1000]), Threads(vec![98, 60, 5000]));
        let growth = many.growth_from(&few).unwrap();
        assert_eq!(growth, Growth { all_threads: 4038, busiest_thread: 4000 });
        assert!(many.growth_from(&Threads(vec![1])).is_err());
    }
}
