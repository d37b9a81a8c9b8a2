//! The keywords of this crate, and what reads their values.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_rules as _;

const ROWS: &[Row] = &[
    ("acl", File("src/acl/condition.rs", "named")),
    ("capture cookie", File("../proxy-engine/src/http/exchange/captures.rs", "capture_cookie")),
    ("capture request", File("../proxy-engine/src/http/exchange/captures.rs", "capture_fields")),
    ("capture response", File("../proxy-engine/src/http/exchange/captures.rs", "capture_fields")),
    ("declare capture", File("../proxy-engine/src/connection/facts.rs", "captures")),
    ("error-log-format", File("../proxy-engine/src/observe/log.rs", "error")),
    ("errorfile", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("errorfiles", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("errorloc", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("errorloc302", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("errorloc303", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("http-after-response", File("../proxy-engine/src/http/exchange/rules.rs", "HttpAfterResponse")),
    ("http-error", File("../proxy-engine/src/http/exchange/mod.rs", "errors")),
    ("http-request", File("../proxy-engine/src/http/exchange/rules.rs", "HttpRequest")),
    ("http-response", File("../proxy-engine/src/http/exchange/rules.rs", "HttpResponse")),
    ("log-format", File("../proxy-engine/src/observe/log.rs", "format")),
    ("log-format-sd", File("../proxy-engine/src/observe/log.rs", "structured")),
    ("monitor fail", File("../proxy-engine/src/http/exchange/rules.rs", "monitor")),
    ("monitor-uri", File("../proxy-engine/src/http/exchange/rules.rs", "monitor")),
    ("option dontlog-normal", File("../proxy-engine/src/observe/log.rs", "dont_log_normal")),
    ("option dontlognull", File("../proxy-engine/src/observe/log.rs", "dont_log_null")),
    ("option forwarded", File("../proxy-engine/src/http/exchange/fields.rs", "forwarded")),
    ("option httplog", File("src/log/policy.rs", "form")),
    ("option log-separate-errors", File("../proxy-engine/src/observe/log.rs", "separate_errors")),
    ("option logasap", File("src/log/policy.rs", "as_soon_as_possible")),
    ("option tcplog", File("src/log/policy.rs", "form")),
    ("redirect", File("../proxy-engine/src/http/exchange/rules.rs", "redirects")),
    ("tcp-request connection", File("../proxy-engine/src/connection/admission.rs", "connection_rules")),
    ("tcp-request content", File("../proxy-engine/src/http/exchange/content_rules.rs", "TcpRequest")),
    (
        "tcp-request inspect-delay",
        File("../proxy-engine/src/http/exchange/content_rules.rs", "inspect_delay"),
    ),
    ("tcp-request session", File("../proxy-engine/src/connection/admission.rs", "session_rules")),
    ("tcp-response content", File("../proxy-engine/src/http/exchange/content_rules.rs", "TcpResponse")),
    (
        "tcp-response inspect-delay",
        File("../proxy-engine/src/http/exchange/content_rules.rs", "inspect_delay"),
    ),
    ("unique-id-format", File("../proxy-engine/src/connection/report.rs", "unique_id")),
    ("unique-id-header", File("../proxy-engine/src/http/exchange/fields.rs", "header")),
    ("force-persist", File("../proxy-engine/src/upstream/steering.rs", "PersistRules")),
    ("ignore-persist", File("../proxy-engine/src/upstream/steering.rs", "PersistRules")),
    ("use-server", File("../proxy-engine/src/upstream/steering.rs", "UseServers")),
    ("use_backend", File("../proxy-engine/src/connection/routing.rs", "UseBackends")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
