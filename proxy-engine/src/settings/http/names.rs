//! `option http-restrict-req-hdr-names`.

use proxy_config::inventory;
use proxy_config::{Directive, Sections};

/// What becomes of request fields whose name has other characters than letters, digits and `-`. Some servers take those
/// for `_` or drop them, so that a field passes for another one.
///
/// Frontend and backend each have theirs, and it is looked at behind their rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnusualNames {
    /// They stay.
    #[default]
    Preserve,
    /// They are taken out.
    Delete,
    /// The request is answered with 403.
    Reject,
}

impl UnusualNames {
    /// Whether a name is one of them.
    pub fn is_unusual(name: &[u8]) -> bool {
        !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    }
}

const WORDS: [(&str, UnusualNames); 3] = [
    ("preserve", UnusualNames::Preserve),
    ("delete", UnusualNames::Delete),
    ("reject", UnusualNames::Reject),
];

inventory::submit! {
    Directive::new(
        "option http-restrict-req-hdr-names",
        "preserve|delete|reject",
        Sections::PROXY.or(Sections::DEFAULTS),
        "what becomes of request fields with unusual names",
        |line| {
            let what = line.args.one_of(&WORDS)?;
            line.section.set(what);
            Ok(())
        },
    )
}
