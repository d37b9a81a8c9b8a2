//! Each keyword of this crate, and the place that reads its value.

use proxy_config::testing::ReadBy::{self, File, Nobody};
use proxy_config::testing::{Row, check_readers};
use proxy_health as _;

/// The choice of an option.
const CHOICE: ReadBy = File("src/plan.rs", "choice");
/// The steps of checks.
const STEPS: ReadBy = File("src/conversation/mod.rs", "steps");

const ROWS: &[Row] = &[
    ("email-alert", Nobody("it is refused")),
    ("external-check", File("../proxy-engine/src/config/assembly/health.rs", "ExternalChecks")),
    ("external-check command", File("../proxy-engine/src/config/assembly/health.rs", "command")),
    ("external-check path", File("../proxy-engine/src/config/assembly/health.rs", "path")),
    ("http-check", STEPS),
    ("http-check disable-on-404", File("src/conversation/compare_http.rs", "disable_on_404")),
    ("http-check send-state", File("src/conversation/output.rs", "send_state")),
    ("max-spread-checks", File("src/spread.rs", "most")),
    ("option external-check", CHOICE),
    ("option httpchk", CHOICE),
    ("option ldap-check", CHOICE),
    ("option log-health-checks", File("../proxy-engine/src/config/assembly/health.rs", "LogHealthChecks")),
    ("option mysql-check", CHOICE),
    ("option pgsql-check", CHOICE),
    ("option redis-check", CHOICE),
    ("option smtpchk", CHOICE),
    ("option ssl-hello-chk", CHOICE),
    ("option tcp-check", CHOICE),
    ("server addr", File("src/settings/server_check.rs", "address")),
    ("server agent-addr", File("../proxy-engine/src/config/assembly/agent.rs", "address")),
    ("server agent-check", File("src/settings/conflicts.rs", "enabled")),
    ("server agent-inter", File("../proxy-engine/src/config/assembly/agent.rs", "intervals")),
    ("server agent-port", File("src/settings/conflicts.rs", "port")),
    ("server agent-send", File("../proxy-engine/src/config/assembly/agent.rs", "send")),
    ("server check", File("../proxy-engine/src/config/assembly/health.rs", "enabled")),
    ("server check-mptcp", File("src/settings/server_check.rs", "transport")),
    ("server check-proto", File("src/settings/conflicts.rs", "protocol")),
    ("server check-send-proxy", File("src/settings/server_check.rs", "send_proxy")),
    ("server check-tcp", File("src/settings/server_check.rs", "transport")),
    ("server check-via-socks4", File("src/settings/server_check.rs", "via_socks4")),
    ("server downinter", File("src/interval.rs", "down")),
    ("server error-limit", File("src/state/observer.rs", "limit")),
    ("server fall", File("src/settings/server_check.rs", "fall")),
    ("server fastinter", File("src/interval.rs", "fast")),
    ("server healthcheck", File("src/settings/conflicts.rs", "of_server")),
    ("server init-state", File("../proxy-engine/src/config/assembly/server.rs", "ServerInitState")),
    ("server inter", File("src/interval.rs", "normal")),
    ("server no-agent-check", File("src/settings/conflicts.rs", "enabled")),
    ("server no-check", File("src/settings/conflicts.rs", "enabled")),
    ("server no-check-send-proxy", File("src/settings/server_check.rs", "send_proxy")),
    ("server observe", File("src/settings/conflicts.rs", "layer")),
    ("server on-error", File("src/state/observer.rs", "on_error")),
    ("server on-marked-down", File("../proxy-engine/src/upstream/state/change.rs", "down_ends_sessions")),
    ("server on-marked-up", File("../proxy-engine/src/upstream/state/change.rs", "up_ends_backup_sessions")),
    ("server port", File("src/settings/server_check.rs", "port")),
    ("server rise", File("src/settings/server_check.rs", "rise")),
    ("server track", File("src/settings/conflicts.rs", "Track")),
    ("spread-checks", File("src/spread.rs", "percent")),
    ("tcp-check", STEPS),
    ("timeout check", File("../proxy-engine/src/config/assembly/health.rs", "Deadlines")),
    ("type", CHOICE),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
