//! `status`: the status of the response.

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

simple!("status", Type::Integer, Need::ResponseLine, "the status of the response", |context| {
    Some(Sample::Integer(context.response.as_deref()?.status().into()))
});
