//! `bc_err`, `bc_err_name`, `bc_err_str`: why the connection to the server failed, or could not be established.
//!
//! They have no value before an attempt has succeeded or failed: before the first, and after one that timed out.

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};
use crate::server_state::Failure;

simple!(
    "bc_err",
    Type::Integer,
    Need::Server,
    "the number of the error of the server's connection; 0 is none",
    |context| match context.session.server_state()?.failure() {
        None => Some(Sample::Integer(0)),
        Some(Failure::Known(code)) => Some(Sample::Integer(code.number.into())),
        Some(Failure::Other(_)) => None,
    }
);
simple!(
    "bc_err_name",
    Type::Text,
    Need::Server,
    "the name of the error of the server's connection",
    |context| match context.session.server_state()?.failure() {
        None => Some(Sample::Text(b"".as_slice().into())),
        Some(Failure::Known(code)) => Some(Sample::Text(code.name.as_bytes().into())),
        Some(Failure::Other(_)) => None,
    }
);
simple!(
    "bc_err_str",
    Type::Text,
    Need::Server,
    "the error of the server's connection, in words",
    |context| match context.session.server_state()?.failure() {
        None => Some(Sample::Text(b"Success".as_slice().into())),
        Some(Failure::Known(code)) => Some(Sample::Text(code.text.as_bytes().into())),
        Some(Failure::Other(error)) => Some(Sample::Text(error.to_string().into_bytes().into())),
    }
);
