//! `option http-restrict-req-hdr-names`.

use proxy_config::inventory;
use proxy_config::{Directive, Sections};

use crate::policy::UnusualNames;

const WORDS: [(&str, UnusualNames); 3] = [
    ("preserve", UnusualNames::Preserve),
    ("delete", UnusualNames::Delete),
    ("reject", UnusualNames::Reject),
];

inventory::submit! {
    Directive::new(
        "option http-restrict-req-hdr-names",
        "preserve|delete|reject",
        Sections::PROXY.union(Sections::DEFAULTS),
        "how request fields with unusual names are handled",
        |line| {
            let what = line.args.one_of(&WORDS)?;
            line.section.set(what);
            Ok(())
        },
    )
}
