//! `option forwarded`: the field `Forwarded` (RFC 7239), which tells servers who the client is, what it connected to,
//! and which host and protocol it used.

mod directive;
mod write;

use crate::expression::Expression;

/// The parts of the field. Cheap to clone.
#[derive(Debug, Default)]
pub struct ForwardedField {
    /// Whether the field contains the protocol.
    tells_protocol: bool,
    /// The source of the host of the request.
    host: Option<Origin>,
    /// The address that the client connected to.
    receiver: Option<Node>,
    /// The client's address.
    sender: Option<Node>,
}

/// The source of a value.
#[derive(Debug)]
enum Origin {
    /// The request or its connection.
    Own,
    /// An expression.
    Expression(Expression),
}

/// A node: the source of its name and its port.
#[derive(Debug)]
struct Node {
    name: Origin,
    port: Option<Origin>,
}
