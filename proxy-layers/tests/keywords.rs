//! Each keyword of this crate, and who reads what it says.

use proxy_config::testing::ReadBy::File;
use proxy_config::testing::{Row, check_readers};
use proxy_layers as _;

const ROWS: &[Row] = &[
    ("bind accept-netscaler-cip", File("src/accept_cip.rs", "AcceptCip")),
    ("bind accept-proxy", File("src/accept_proxy.rs", "AcceptProxy")),
    ("server no-send-proxy", File("src/send_proxy.rs", "v1")),
    ("server no-send-proxy-v2", File("src/send_proxy.rs", "v2")),
    ("server no-send-proxy-v2-ssl", File("src/send_proxy.rs", "options")),
    ("server no-send-proxy-v2-ssl-cn", File("src/send_proxy.rs", "options")),
    ("server proxy-v2-options", File("src/send_proxy.rs", "options")),
    ("server send-proxy", File("src/send_proxy.rs", "v1")),
    ("server send-proxy-v2", File("src/send_proxy.rs", "v2")),
    ("server send-proxy-v2-ssl", File("src/send_proxy.rs", "options")),
    ("server send-proxy-v2-ssl-cn", File("src/send_proxy.rs", "options")),
    ("server socks4", File("../proxy-engine/src/config/assembly/server.rs", "Via")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
