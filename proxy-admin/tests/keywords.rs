//! Each keyword of this crate is read by the engine.

use proxy_admin as _;
use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};

const ROWS: &[Row] = &[
    ("bind expose-fd", File("../proxy-engine/src/commands/getsocks.rs", "exposes_listeners")),
    ("bind level", File("src/execute.rs", "level")),
    ("bind severity-output", File("src/execute.rs", "severity")),
    ("stats maxconn", File("src/limits.rs", "StatsMaxConn")),
    ("stats socket", File("../proxy-cli/src/assemble/commands.rs", "StatsSockets")),
    ("stats timeout", File("src/limits.rs", "StatsTimeout")),
    ("tune.cli.max-payload-size", File("src/limits.rs", "MaxPayload")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
