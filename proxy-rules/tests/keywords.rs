//! Each keyword of this crate, and who reads what it says.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_rules as _;

const ROWS: &[Row] = &[
    ("acl", File("src/acl/condition.rs", "named")),
    ("errorfile", File("../proxy-engine/src/http/transaction.rs", "errors")),
    ("errorfiles", File("../proxy-engine/src/http/transaction.rs", "errors")),
    ("errorloc", File("../proxy-engine/src/http/transaction.rs", "errors")),
    ("errorloc302", File("../proxy-engine/src/http/transaction.rs", "errors")),
    ("errorloc303", File("../proxy-engine/src/http/transaction.rs", "errors")),
    ("http-after-response", File("../proxy-engine/src/http/hooks.rs", "after_response")),
    ("http-request", File("../proxy-engine/src/http/hooks.rs", "rules")),
    ("http-response", File("../proxy-engine/src/http/hooks.rs", "response")),
    ("monitor fail", File("../proxy-engine/src/http/hooks.rs", "monitor")),
    ("monitor-uri", File("../proxy-engine/src/http/hooks.rs", "monitor")),
    ("redirect", File("../proxy-engine/src/http/hooks.rs", "redirects")),
    ("use_backend", File("../proxy-engine/src/switching.rs", "UseBackends")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
