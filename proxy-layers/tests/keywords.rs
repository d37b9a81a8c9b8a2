//! Each keyword of this crate is read by the engine.

use proxy_config::testing::ReadBy::{self, File};
use proxy_config::testing::{Row, check_readers};
use proxy_layers as _;

/// The settings of these keywords are part of the layer that they choose.
const CHOSEN: ReadBy = File("../proxy-engine/src/config/assembly/layers.rs", "ChosenLayer");

const ROWS: &[Row] = &[
    ("bind accept-netscaler-cip", CHOSEN),
    ("bind accept-proxy", CHOSEN),
    ("pp2-never-send-local", CHOSEN),
    ("server no-send-proxy", CHOSEN),
    ("server no-send-proxy-v2", CHOSEN),
    ("server no-send-proxy-v2-ssl", CHOSEN),
    ("server no-send-proxy-v2-ssl-cn", CHOSEN),
    ("server proxy-v2-options", CHOSEN),
    ("server send-proxy", CHOSEN),
    ("server send-proxy-v2", CHOSEN),
    ("server send-proxy-v2-ssl", CHOSEN),
    ("server send-proxy-v2-ssl-cn", CHOSEN),
    ("server set-proxy-v2-tlv-fmt", File("../proxy-engine/src/config/assembly/server.rs", "LayerFormats")),
    ("server socks4", File("../proxy-engine/src/config/assembly/server.rs", "Via")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
