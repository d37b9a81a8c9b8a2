//! `req.proto_http`: whether what the client has sent is a request of HTTP. `internal.strm.is_htx`: whether it is served as
//! one.

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

simple!(
    "req.proto_http",
    Type::Bool,
    Need::RequestLine,
    "whether the client has sent a request of HTTP",
    |context| Some(Sample::Bool(context.request.is_some())),
    aliases(&["req_proto_http"])
);
simple!(
    "internal.strm.is_htx",
    Type::Bool,
    Need::Client,
    "whether this is an exchange of HTTP, and not a session of mode tcp",
    |context| Some(Sample::Bool(context.request.is_some() && context.request_bytes.is_none()))
);
