//! The variables that HAProxy sets for its configuration.

use proxy_config::Sources;
use proxy_rules::log::forms;

use crate::commandline::facts;
use crate::setup::Setup;

/// Returns names and values.
pub(super) fn own_variables(setup: &Setup<'_>, sources: &Sources) -> Vec<(&'static str, String)> {
    let files: Vec<&str> = sources.files().map(|file| sources.name(file)).collect();
    let branch = facts::SPOKEN.split('-').next().unwrap_or_default();
    vec![
        ("HAPROXY_VERSION", facts::SPOKEN.to_owned()),
        ("HAPROXY_BRANCH", branch.to_owned()),
        ("HAPROXY_CFGFILES", files.join(";")),
        ("HAPROXY_LOCALPEER", setup.options.local_peer.clone().unwrap_or_else(proxy_log::hostname)),
        ("HAPROXY_HTTP_LOG_FMT", forms::HTTP.to_owned()),
        ("HAPROXY_HTTP_CLF_LOG_FMT", forms::HTTP_CLF.to_owned()),
        ("HAPROXY_HTTPS_LOG_FMT", forms::HTTPS.to_owned()),
        ("HAPROXY_TCP_LOG_FMT", forms::TCP.to_owned()),
        ("HAPROXY_TCP_CLF_LOG_FMT", forms::TCP_CLF.to_owned()),
    ]
}
