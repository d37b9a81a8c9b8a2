//! `%f`, `%ft`, `%b`, `%s`, `%pid`: where the session is.

use crate::format::AliasEntry;
use crate::points::Need;
use crate::sample::Sample;

fn text(name: &str) -> Option<Sample<'_>> {
    Some(Sample::Text(name.as_bytes().into()))
}

inventory::submit! {
    AliasEntry::new("f", Need::Frontend, "the frontend", |context| text(context.session.frontend_name()))
}

inventory::submit! {
    // HAProxy marks connections of TLS, which there are none of yet.
    AliasEntry::new("ft", Need::Frontend, "the frontend", |context| text(context.session.frontend_name()))
}

inventory::submit! {
    AliasEntry::new("b", Need::Frontend, "the backend; the frontend as long as none is chosen", |context| {
        text(context.session.backend_name().unwrap_or_else(|| context.session.frontend_name()))
    })
}

inventory::submit! {
    AliasEntry::new("s", Need::Frontend, "the server", |context| {
        text(context.session.server_name().unwrap_or("<NOSRV>"))
    })
}

inventory::submit! {
    AliasEntry::new("pid", Need::Nothing, "the number of the process", |_| {
        Some(Sample::Integer(std::process::id().into()))
    })
}
