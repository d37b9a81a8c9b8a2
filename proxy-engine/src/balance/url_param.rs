//! `balance url_param <name>`: the same value of a parameter of the query leads to the same server.

use proxy_http::Request;

use super::hashing::{ByHash, Hashable, Hashed};
use super::registry::no_expression;
use super::{Algorithm, ArgumentError, Requester};

inventory::submit! {
    Algorithm {
        name: "url_param",
        arguments: "<name>",
        help: "by a hash of a parameter of the request's query",
        since: "0.1",
        needs_request: true,
        expression: no_expression,
        make: |arguments, hashing| match arguments {
            [name] if !name.is_empty() => {
                ByHash::made(UrlParameter { name: name.as_bytes().to_vec() }, hashing)
            }
            [_, "check_post", ..] => {
                Err(ArgumentError("parameters in bodies ('check_post') are not supported yet".to_owned()))
            }
            [_, other, ..] => Err(ArgumentError(format!("only a name is expected, found '{other}'"))),
            _ => Err(ArgumentError("the name of a parameter is expected".to_owned())),
        },
    }
}

#[derive(Debug)]
struct UrlParameter {
    name: Vec<u8>,
}

impl UrlParameter {
    /// Returns the value of the first parameter with this name, not decoded. It may be empty.
    fn key<'a>(&self, request: &'a Request) -> Option<&'a [u8]> {
        let target = request.target();
        let query = &target[target.iter().position(|byte| *byte == b'?')? + 1..];
        let mut parameters = query.split(|byte| *byte == b'&');
        parameters.find_map(|parameter| parameter.strip_prefix(&*self.name)?.strip_prefix(b"="))
    }
}

impl Hashable for UrlParameter {
    const IS_FOR_THE_ONLY_SERVER: bool = false;

    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        Some(servers.hash(self.key(requester.request?)?))
    }
}
