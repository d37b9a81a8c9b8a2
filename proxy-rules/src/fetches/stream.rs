//! `internal.strm.is_htx`: whether a session carries HTTP messages. The name is from the internals of HAProxy.

use super::simple::simple;
use crate::context::Context;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns whether the session carries HTTP, once that is known.
fn is_http(context: &Context<'_>) -> Option<bool> {
    if let Some(record) = context.record {
        return Some(record.is_http());
    }
    // In mode tcp a request may be read of the bytes.
    let has_bytes = context.request_bytes.is_some() || context.response_bytes.is_some();
    let has_message = context.request.is_some() || context.response.is_some();
    (has_message || has_bytes).then_some(!has_bytes)
}

simple!("internal.strm.is_htx", Type::Bool, Need::Client, "whether a session carries HTTP", |context| {
    is_http(context).map(Sample::Bool)
});
