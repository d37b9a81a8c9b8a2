//! `fc_err`, `fc_err_name`, `fc_err_str`: why the handshake of a client's connection failed.

use proto_core::layer::{LayerCode, LayerError};

use super::simple::simple;
use crate::context::Context;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn error<'c>(context: &'c Context<'_>) -> Option<&'c LayerError> {
    context.session.client().findings.error.as_deref()
}

/// Returns the code of an error, if it has one.
fn code(error: &LayerError) -> Option<LayerCode> {
    error.code().filter(|code| code.number > 0)
}

simple!(
    "fc_err",
    Type::Integer,
    Need::Client,
    "the number of the error of the client's connection; 0 is none",
    |context| match error(context) {
        None => Some(Sample::Integer(0)),
        Some(error) => Some(Sample::Integer(code(error)?.number.into())),
    }
);
simple!(
    "fc_err_name",
    Type::Text,
    Need::Client,
    "the name of the error of the client's connection",
    |context| match error(context) {
        None => Some(Sample::Text(b"".as_slice().into())),
        Some(error) => Some(Sample::Text(code(error)?.name.as_bytes().into())),
    }
);
simple!(
    "fc_err_str",
    Type::Text,
    Need::Client,
    "the error of the client's connection, in words",
    |context| match error(context) {
        None => Some(Sample::Text(b"Success".as_slice().into())),
        Some(error) if error.code().is_some() => Some(Sample::Text(code(error)?.text.as_bytes().into())),
        Some(error) => Some(Sample::Text(error.to_string().into_bytes().into())),
    }
);
