//! `req.ssl_st_ext`, `req.ssl_ec_ext`: whether the client's hello has an extension.

use proxy_rules::{Sample, Type};

use super::hello::of_hello;

of_hello!(
    "req.ssl_st_ext",
    Type::Integer,
    "session tickets in the client's TLS hello: 0 for none wanted, 1 for one wanted, 2 for one presented",
    |hello, visit| {
        let Some(extensions) = hello.extensions else { return false };
        let support = match hello.session_ticket() {
            Some([]) => 1,
            Some(_) => 2,
            None if extensions.are_sound() => 0,
            None => return false,
        };
        visit(Sample::Integer(support))
    }
);

of_hello!(
    "req.ssl_ec_ext",
    Type::Bool,
    "whether the client's TLS hello names groups, as it does for elliptic curves",
    |hello, visit| hello.supported_groups().is_some() && visit(Sample::Bool(true))
);
