//! Aliases of values in formats, one file for each kind. Each file submits its entries; nothing here names them.

mod address;
mod captures;
mod connection;
mod counts;
mod dates;
mod ending;
mod message;
mod process;
mod proxy;
mod server;
mod simple;
mod timers;
mod tls;
mod transports;
