//! The keywords of this crate, each with the place that reads its value.

use proxy_config::testing::ReadBy::{File, Nobody};
use proxy_config::testing::{Row, check_readers};

const ROWS: &[Row] = &[
    ("bind", File("../proxy-engine/src/config/assembly/frontend.rs", "Binds")),
    ("default-server", Nobody("applied by the server lines after it, in the same file")),
    ("default_backend", File("../proxy-engine/src/config/assembly/frontend.rs", "default_backend")),
    ("description", File("../proxy-cli/src/commands/mod.rs", "Description")),
    ("id", File("../proxy-engine/src/config/assembly/mod.rs", "Id")),
    ("line id", File("../proxy-engine/src/config/assembly/backend.rs", "Id")),
    ("mode", File("../proxy-engine/src/config/assembly/http.rs", "Mode")),
    ("presetenv", Nobody("carried out at once: the lines after it see the variable")),
    ("server", File("../proxy-engine/src/config/assembly/backend.rs", "Servers")),
    ("server-template", File("../proxy-engine/src/config/assembly/backend.rs", "Servers")),
    ("setenv", Nobody("carried out at once: the lines after it see the variable")),
    ("unsetenv", Nobody("carried out at once: the lines after it see the variable")),
];

#[test]
fn each_keyword_is_read() {
    check_readers(env!("CARGO_MANIFEST_DIR"), &[], ROWS);
}
