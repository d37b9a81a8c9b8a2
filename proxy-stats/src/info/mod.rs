//! Facts about the process.

pub(crate) mod facts;
