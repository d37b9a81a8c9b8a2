//! Each keyword of this crate, and the place that reads its value.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_stats as _;

/// The files in which values are only declared and stored.
const DECLARATIONS: [&str; 2] = ["src/page/settings.rs", "src/page/keywords.rs"];

const ROWS: &[Row] = &[
    ("stats admin", File("src/page/service.rs", "admin")),
    ("stats auth", File("src/page/service.rs", "users")),
    ("stats enable", File("src/page/service.rs", "PageSettings")),
    ("stats hide-version", File("src/page/service.rs", "hides_version")),
    ("stats http-request", File("src/page/service.rs", "rules")),
    ("stats realm", File("src/page/service.rs", "realm")),
    ("stats refresh", File("src/page/service.rs", "refresh")),
    ("stats scope", File("src/page/service.rs", "scope")),
    ("stats show-desc", File("src/page/service.rs", "description")),
    ("stats show-legends", File("src/page/service.rs", "shows_legends")),
    ("stats show-node", File("src/page/service.rs", "node")),
    ("stats uri", File("src/page/service.rs", "uri")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &DECLARATIONS, ROWS);
}
