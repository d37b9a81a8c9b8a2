//! Each keyword of this crate is read by the engine.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_log as _;

const ROWS: &[Row] = &[
    ("log", File("../proxy-cli/src/assemble/logs.rs", "Logs")),
    ("log-send-hostname", File("../proxy-cli/src/assemble/logs.rs", "LogHostname")),
    ("log-tag", File("../proxy-cli/src/assemble/logs.rs", "LogTag")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
