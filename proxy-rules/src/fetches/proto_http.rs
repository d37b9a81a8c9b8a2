//! `req.proto_http`: whether the bytes of the client are an HTTP request.

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
