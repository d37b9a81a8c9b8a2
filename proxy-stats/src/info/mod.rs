//! Facts about the process.

pub(crate) mod facts;
pub(crate) mod table;
