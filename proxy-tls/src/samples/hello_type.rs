//! `req.ssl_hello_type`, `res.ssl_hello_type`: the type of the first TLS handshake message of a side.

use std::fmt;

use proxy_rules::fetch::{Fetch, FetchEntry};
use proxy_rules::{Buffered, Context, Need, Sample, Type};

use super::hello::is_undetermined;
use crate::handshake;

/// Returns the bytes of one side of the connection.
type Of = for<'c> fn(&'c Context<'_>) -> Option<Buffered<'c>>;

struct HelloType(Of);

impl Fetch for HelloType {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let message = handshake::read((self.0)(context)?.bytes).done()?;
        Some(Sample::Integer(message.kind.into()))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        is_undetermined((self.0)(context))
    }
}

impl fmt::Debug for HelloType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HelloType")
    }
}

inventory::submit! {
    FetchEntry::new(
        "req.ssl_hello_type",
        "",
        Type::Integer,
        Need::RequestBytes,
        "the type of TLS message that the client begins with: 1 is a ClientHello",
        |_| Ok(Box::new(HelloType(|context| context.request_bytes))),
    )
    .aliases(&["req_ssl_hello_type"])
}

inventory::submit! {
    FetchEntry::new(
        "res.ssl_hello_type",
        "",
        Type::Integer,
        Need::ResponseBytes,
        "the type of TLS message that the server begins with: 2 is a ServerHello",
        |_| Ok(Box::new(HelloType(|context| context.response_bytes))),
    )
    .aliases(&["rep_ssl_hello_type"])
}
