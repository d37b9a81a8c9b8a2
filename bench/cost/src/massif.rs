//! The live heap of a program under massif, read through `vgdb`, which is part of valgrind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

/// The most snapshots before two have to agree. The proxy is idle after a few milliseconds, and a snapshot takes a
/// hundred.
const SNAPSHOTS: usize = 20;

/// Returns the bytes on the heap once they no longer change.
pub(crate) fn settled_heap(pid: u32, prefix: &Path, folder: &Path) -> anyhow::Result<u64> {
    let mut last = None;
    for number in 0..SNAPSHOTS {
        let bytes = snapshot(pid, prefix, &folder.join(format!("snapshot-{number}")))?;
        if last.replace(bytes) == Some(bytes) {
            return Ok(bytes);
        }
    }
    bail!("the heap of the idle proxy still changes after {SNAPSHOTS} snapshots")
}

fn snapshot(pid: u32, prefix: &Path, file: &PathBuf) -> anyhow::Result<u64> {
    let output = Command::new("vgdb")
        .arg(format!("--vgdb-prefix={}", prefix.display()))
        .arg(format!("--pid={pid}"))
        .arg("snapshot")
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .context("run vgdb, which is part of valgrind")?;
    ensure!(output.status.success(), "vgdb: {}", String::from_utf8_lossy(&output.stderr).trim());
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    heap(&text).with_context(|| format!("no line `mem_heap_B=` in {}", file.display()))
}

/// Returns the requested bytes of a snapshot, without the allocator's overhead.
fn heap(snapshot: &str) -> Option<u64> {
    snapshot.lines().find_map(|line| line.strip_prefix("mem_heap_B="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_has_one_figure_for_the_heap() {
        let snapshot = "desc: --depth=1\ncmd: braid -db -f conf\ntime_unit: i\n#-----------\nsnapshot=0\n\
                        #-----------\ntime=8968134\nmem_heap_B=2124110\nmem_heap_extra_B=133634\n\
                        mem_stacks_B=0\nheap_tree=empty\n";
        assert_eq!(heap(snapshot), Some(2_124_110));
        assert_eq!(heap("mem_heap_extra_B=1\n"), None);
        assert_eq!(heap("mem_heap_B=\n"), None);
    }
}
