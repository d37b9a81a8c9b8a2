//! `http_first_req`, `bc_reused`: whether the connections of both sides have carried requests before.

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

simple!(
    "http_first_req",
    Type::Bool,
    Need::RequestLine,
    "whether the request is the first of its connection",
    |context| {
        context.request.as_deref()?;
        Some(Sample::Bool(context.session.is_first_request()))
    }
);
simple!(
    "bc_reused",
    Type::Bool,
    Need::Server,
    "whether the connection to the server was there before",
    |context| { context.session.is_server_connection_reused().map(Sample::Bool) }
);
