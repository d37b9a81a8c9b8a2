//! Each keyword of this crate, and the place that reads its value.

use proxy_config::testing::ReadBy::{self, File};
use proxy_config::testing::{Row, check_readers};
use proxy_resolve as _;

/// The sections are made there.
const SECTION: ReadBy = File("../proxy-engine/src/config/assembly/resolvers.rs", "NameServers");

const ROWS: &[Row] = &[
    ("accepted_payload_size", File("../proxy-engine/src/upstream/names/run.rs", "payload")),
    ("dns-accept-family", File("../proxy-engine/src/config/assembly/resolvers.rs", "AcceptFamily")),
    ("hold", File("src/policy.rs", "timeout")),
    ("nameserver", SECTION),
    ("parse-resolv-conf", SECTION),
    ("resolve_retries", File("src/resolution.rs", "tries")),
    ("server resolve-net", File("src/records.rs", "networks")),
    ("server resolve-opts", File("src/records.rs", "shares_address")),
    ("server resolve-prefer", File("src/records.rs", "family")),
    ("server resolvers", File("../proxy-engine/src/config/assembly/resolvers.rs", "ResolversName")),
    ("timeout resolve", File("src/resolution.rs", "interval")),
    ("timeout retry", File("src/resolution.rs", "retry")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
