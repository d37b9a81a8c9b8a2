//! `req.ssl_ver`: the version of TLS or SSL in the client's first message, also in an SSLv2-compatible hello.
//!
//! For TLS 1.3 it is that of 1.2, which its hello has to name. `req.ssl_hello_type` and the other fetches do not
//! support SSLv2.

use proxy_rules::fetch::{Fetch, FetchEntry};
use proxy_rules::{Context, DOTTED_VERSION, Need, Sample, Type};

use crate::client_hello::MESSAGE_TYPE;
use crate::progress::Progress;
use crate::version::Version;
use crate::{handshake, sslv2};

#[derive(Debug)]
struct HelloVersion;

impl Fetch for HelloVersion {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let version = version(context.request_bytes?.bytes).done()?;
        Some(Sample::Integer(i64::from(version.major) << 16 | i64::from(version.minor)))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        context
            .request_bytes
            .is_some_and(|buffered| buffered.may_grow && version(buffered.bytes).needs_more())
    }
}

/// Returns the version, once the whole message has arrived.
fn version(bytes: &[u8]) -> Progress<Version> {
    match handshake::read(bytes) {
        Progress::Done(message) if message.kind == MESSAGE_TYPE => match message.body.first_chunk() {
            Some(version) => Progress::Done(Version::from_bytes(*version)),
            None => Progress::Other,
        },
        Progress::Done(_) => Progress::Other,
        Progress::NeedMore => Progress::NeedMore,
        Progress::Other => match sslv2::read_header(bytes) {
            Progress::Done(hello) if bytes.len() < hello.length => Progress::NeedMore,
            Progress::Done(hello) => Progress::Done(hello.version),
            Progress::NeedMore => Progress::NeedMore,
            Progress::Other => Progress::Other,
        },
    }
}

inventory::submit! {
    FetchEntry::new(
        "req.ssl_ver",
        "",
        Type::Integer,
        Need::RequestBytes,
        "the version in the client's first TLS or SSL message; patterns are versions: 3.1 is TLS 1.0",
        |_| Ok(Box::new(HelloVersion)),
    )
    .aliases(&["req_ssl_ver"])
    .matched_by(&DOTTED_VERSION)
}
