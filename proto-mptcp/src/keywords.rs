//! The keyword `mptcp` of bind and server lines.

use proto_core::extension::{Keyword, KeywordError, Scope};
use proto_core::transport::Policy;

pub(crate) const KEYWORDS: &[Keyword] = &[Keyword {
    name: "mptcp",
    scope: Scope::Both,
    of: Some(&["mptcpv4", "mptcpv6"]),
    arguments: &["prefer|require"],
    optional: None,
    help: "what to do if the kernel has no MPTCP: use TCP and warn, or refuse",
    apply: |settings, args| {
        settings.extensions.insert(match args[0] {
            "prefer" => Policy::Prefer,
            "require" => Policy::Require,
            other => return Err(KeywordError::first(other, "'prefer' or 'require'")),
        });
        Ok(())
    },
}];
