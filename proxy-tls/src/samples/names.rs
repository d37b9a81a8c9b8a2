//! `req.ssl_sni`, `req.ssl_alpn`: names in the client's hello.

use proxy_rules::{Sample, Type};

use super::hello::of_hello;

of_hello!(
    "req.ssl_sni",
    Type::Text,
    "the server name in the client's TLS hello",
    |hello, visit| hello.server_name().is_some_and(|name| visit(Sample::Text(name.into()))),
    aliases(&["req_ssl_sni"])
);

of_hello!(
    "req.ssl_alpn",
    Type::Text,
    "the protocols in the client's TLS hello, the most wanted first",
    |hello, visit| {
        hello.protocol_names().is_some_and(|mut names| names.any(|name| visit(Sample::Text(name.into()))))
    }
);
