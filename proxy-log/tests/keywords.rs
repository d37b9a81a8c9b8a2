//! Each keyword of this crate, and who reads what it says.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_log as _;

const ROWS: &[Row] = &[
    ("log", File("../proxy-cli/src/assemble/logs.rs", "Logs")),
    ("log-send-hostname", File("../proxy-cli/src/assemble/logs.rs", "LogHostname")),
    ("log-tag", File("../proxy-cli/src/assemble/logs.rs", "LogTag")),
    ("option dontlog-normal", File("../proxy-cli/src/assemble/logs.rs", "dont_log_normal")),
    ("option dontlognull", File("../proxy-cli/src/assemble/logs.rs", "dont_log_null")),
    ("option httplog", File("../proxy-cli/src/assemble/logs.rs", "LogForm")),
    ("option log-separate-errors", File("../proxy-cli/src/assemble/logs.rs", "separate_errors")),
    ("option logasap", File("../proxy-cli/src/assemble/logs.rs", "as_soon_as_possible")),
    ("option tcplog", File("../proxy-cli/src/assemble/logs.rs", "LogForm")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
