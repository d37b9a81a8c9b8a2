//! Short names of values in formats, one file for those of a kind. Each submits its entries; nothing here names them.

mod connection;
mod message;
mod proxy;
