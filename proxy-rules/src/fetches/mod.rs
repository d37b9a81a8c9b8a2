//! Fetches, one file for those of a kind. Each submits its entries; nothing here names them.

mod constants;
mod fields;
mod line;
mod parameter;
mod proxy;
mod session;
mod simple;
mod status;
mod target;
mod variable;
