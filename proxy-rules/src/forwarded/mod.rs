//! `option forwarded`: the field `Forwarded` (RFC 7239), which tells servers who the client is, what it connected to, and
//! what for.

mod directive;
mod write;

use crate::expression::Expression;

/// What the field says of a request. Cheap to share.
#[derive(Debug, Default)]
pub struct ForwardedField {
    /// Whether it tells the protocol.
    tells_protocol: bool,
    /// The host that the request is for.
    host: Option<Origin>,
    /// Where the client connected to.
    receiver: Option<Node>,
    /// The client.
    sender: Option<Node>,
}

/// Where a value comes from.
#[derive(Debug)]
enum Origin {
    /// The request or its connection.
    Own,
    /// An expression.
    Expression(Expression),
}

/// Who took part.
#[derive(Debug)]
struct Node {
    name: Origin,
    port: Option<Origin>,
}
