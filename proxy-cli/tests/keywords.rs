//! Each keyword of this crate, and the place that reads its value.

use proxy_cli as _;
use proxy_config::testing::ReadBy::{File, Nobody};
use proxy_config::testing::{Row, check_readers};

const ROWS: &[Row] = &[
    ("chroot", File("src/process/confine.rs", "jail")),
    ("cpu-map", File("src/program/bound.rs", "CpuMap")),
    ("daemon", File("src/program/context.rs", "daemon")),
    ("gid", File("src/process/confine.rs", "group")),
    ("group", File("src/process/confine.rs", "group")),
    ("hard-stop-after", File("src/program/confined.rs", "HardStopAfter")),
    ("insecure-fork-wanted", File("src/process/harden.rs", "fork")),
    ("insecure-setuid-wanted", File("src/process/harden.rs", "setuid")),
    ("localpeer", Nobody("carried out at once: the lines after it see the variable")),
    ("nbthread", File("src/limits.rs", "NbThread")),
    ("node", File("src/commands/mod.rs", "Node")),
    ("pidfile", File("src/program/bound.rs", "Pidfile")),
    ("quiet", File("src/program/context.rs", "quiet")),
    ("setcap", File("src/process/confine.rs", "capabilities")),
    ("strict-limits", File("src/limits.rs", "StrictLimits")),
    ("thread-groups", Nobody("there is one group; any other number is refused")),
    ("uid", File("src/process/confine.rs", "user")),
    ("ulimit-n", File("src/limits.rs", "UlimitN")),
    ("user", File("src/process/confine.rs", "user")),
    ("zero-warning", File("src/program/context.rs", "zero_warning")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &["src/settings"], ROWS);
}
