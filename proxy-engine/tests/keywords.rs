//! Each keyword of the engine, and the place that reads its value.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_engine as _;

/// The folders in which values are only declared and stored.
const DECLARATIONS: [&str; 2] = ["src/policy", "src/config/keywords"];

const ROWS: &[Row] = &[
    ("balance", File("src/config/assembly/backend.rs", "Balancing")),
    ("bind maxconn", File("src/listener/mod.rs", "maxconn")),
    ("bind name", File("src/connection/facts.rs", "listener_name")),
    ("bind proto", File("src/http/mod.rs", "BindProto")),
    ("clitcpka-cnt", File("src/config/assembly/tcp_keep_alive.rs", "count")),
    ("clitcpka-idle", File("src/config/assembly/tcp_keep_alive.rs", "idle")),
    ("clitcpka-intvl", File("src/config/assembly/tcp_keep_alive.rs", "interval")),
    ("h1-case-adjust", File("src/config/assembly/http.rs", "CaseAdjustments")),
    ("h1-case-adjust-file", File("src/config/assembly/http.rs", "CaseAdjustments")),
    ("hash-type", File("src/balance/hashing/mod.rs", "avalanche")),
    ("http-reuse", File("src/http/servers.rs", "reuse")),
    ("maxconn", File("src/runtime/engine.rs", "maxconn")),
    ("option abortonclose", File("src/http/exchange/response.rs", "aborts")),
    (
        "option accept-unsafe-violations-in-http-request",
        File("src/config/assembly/http.rs", "accept_unsafe_requests"),
    ),
    (
        "option accept-unsafe-violations-in-http-response",
        File("src/config/assembly/http.rs", "accept_unsafe_responses"),
    ),
    ("option allbackups", File("src/upstream/backend.rs", "allbackups")),
    ("option clitcpka", File("src/config/assembly/tcp_keep_alive.rs", "on")),
    ("option forwardfor", File("src/http/exchange/fields.rs", "forward_for")),
    ("option h1-case-adjust-bogus-client", File("src/http/h1/mod.rs", "client_names")),
    ("option h1-case-adjust-bogus-server", File("src/http/h1/mod.rs", "server_names")),
    ("option http-buffer-request", File("src/http/exchange/request.rs", "buffer_request")),
    ("option http-ignore-probes", File("src/http/exchange/reply.rs", "ignore_probes")),
    ("option http-keep-alive", File("src/http/exchange/keep_alive.rs", "closing")),
    ("option http-no-delay", File("src/http/exchange/transfer.rs", "no_delay")),
    ("option http-pretend-keepalive", File("src/http/exchange/keep_alive.rs", "pretend_keep_alive")),
    ("option http-restrict-req-hdr-names", File("src/http/exchange/fields.rs", "unusual_names")),
    ("option http-server-close", File("src/http/exchange/keep_alive.rs", "closing")),
    ("option httpclose", File("src/http/exchange/keep_alive.rs", "closing")),
    ("option nolinger", File("src/config/assembly/server_options.rs", "no_linger")),
    ("option originalto", File("src/http/exchange/fields.rs", "original_to")),
    ("option prefer-last-server", File("src/http/exchange/forward.rs", "prefer_last_server")),
    ("option redispatch", File("src/upstream/retry.rs", "redispatch")),
    ("option socket-stats", File("src/config/assembly/frontend.rs", "ListenerStatistics")),
    ("option srvtcpka", File("src/config/assembly/tcp_keep_alive.rs", "on")),
    ("option tcp-smart-accept", File("src/config/assembly/frontend.rs", "smart_accept")),
    ("option tcp-smart-connect", File("src/config/assembly/server_options.rs", "smart_connect")),
    ("option tcpka", File("src/config/assembly/tcp_keep_alive.rs", "on")),
    ("retries", File("src/upstream/retry.rs", "retries")),
    ("retry-on", File("src/http/exchange/retry.rs", "retry_on")),
    ("server backup", File("src/upstream/server.rs", "backup")),
    ("server disabled", File("src/upstream/server.rs", "disabled")),
    ("server enabled", File("src/upstream/server.rs", "disabled")),
    ("server init-addr", File("src/config/assembly/server_address.rs", "InitAddrs")),
    ("server max-reuse", File("src/upstream/shared.rs", "most_reuses")),
    ("server maxconn", File("src/upstream/choose.rs", "maxconn")),
    ("server maxqueue", File("src/upstream/choose.rs", "maxqueue")),
    ("server no-backup", File("src/upstream/server.rs", "backup")),
    ("server pool-low-conn", File("src/upstream/pool.rs", "low")),
    ("server pool-max-conn", File("src/upstream/pool.rs", "most")),
    ("server pool-purge-delay", File("src/upstream/pool.rs", "purge_delay")),
    ("server slowstart", File("src/upstream/server.rs", "slowstart")),
    ("server weight", File("src/upstream/state/core.rs", "weight")),
    ("source", File("src/config/assembly/server_options.rs", "SourceAddress")),
    ("srvtcpka-cnt", File("src/config/assembly/tcp_keep_alive.rs", "count")),
    ("srvtcpka-idle", File("src/config/assembly/tcp_keep_alive.rs", "idle")),
    ("srvtcpka-intvl", File("src/config/assembly/tcp_keep_alive.rs", "interval")),
    ("timeout client", File("src/http/serial.rs", "inactivity")),
    ("timeout client-hs", File("src/connection/layers.rs", "handshake")),
    ("timeout client-fin", File("src/http/exchange/tunnel.rs", "client")),
    ("timeout connect", File("src/upstream/retry.rs", "connect")),
    ("timeout http-keep-alive", File("src/http/serial.rs", "keep_alive")),
    ("timeout http-request", File("src/http/serial.rs", "request")),
    ("timeout queue", File("src/upstream/dispatch.rs", "queue_limit")),
    ("timeout server", File("src/http/exchange/mod.rs", "inactivity")),
    ("timeout server-fin", File("src/http/exchange/tunnel.rs", "server")),
    ("timeout tarpit", File("src/http/exchange/request.rs", "tarpit")),
    ("timeout tunnel", File("src/http/exchange/tunnel.rs", "tunnel")),
    ("tune.bufsize", File("src/http/serial.rs", "bufsize")),
    ("tune.http.logurilen", File("../proxy-cli/src/assemble/logs.rs", "logged_uri")),
    ("tune.http.maxhdr", File("src/config/assembly/http.rs", "most_fields")),
    ("tune.idle-pool.shared", File("src/http/servers.rs", "shared_pools")),
    ("tune.maxrewrite", File("src/config/assembly/http.rs", "largest_head")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &DECLARATIONS, ROWS);
}
