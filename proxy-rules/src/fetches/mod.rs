//! Fetches, one file for each kind. Each file submits its entries; nothing here names them.

mod acl;
mod all_fields;
mod backends;
mod captures;
mod constants;
mod cookies;
mod fact;
mod fields;
mod frontends;
mod handshake;
mod last_rule;
mod line;
mod names;
mod parameter;
mod payload;
mod priority;
mod process;
mod proto_http;
mod proxy;
mod rand;
mod rdp_cookie;
mod reuse;
mod server_error;
mod servers;
mod session;
mod simple;
mod status;
mod stream;
mod target;
mod target_hash;
mod unique_id;
mod url_address;
mod variable;
mod wait_end;

pub use fields::request_address;
