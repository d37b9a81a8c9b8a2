//! The code of `docs/writing-a-transport.md`: two transports and a layer, added without changing any other code.
//!
//! | address | what it is | what it shows |
//! | --- | --- | --- |
//! | `scr@host:port` | TCP whose bytes are scrambled with a key | a third stream protocol of a family; every stage,
//! wrapped |
//! | `room@name/door` | a connection to a process in the room | an address family of its own; every stage, implemented
//! directly |
//! | `pack+` before any of them | runs of one byte are shortened | a layer: a handshake, and bytes that are changed |
//!
//! None is meant for use. The guide quotes these files, and a test compares the quotations with them.

#![warn(missing_docs)]

mod packed;
mod room;
mod scrambled;

use std::sync::Arc;

use proto_core::layer::Layer;
use proto_core::spec::Settings;
use proto_core::{Protocol, Registration, inventory};
pub use room::FAMILY as ROOM;

inventory::submit! {
    Registration {
        protocols: &[scrambled4, scrambled6, room],
        prefixes: &[scrambled::PREFIX, room::PREFIX],
        families: &[room::ENTRY],
        layers: &[packed::ENTRY],
        keywords: &[packed::KEYWORD, scrambled::KEYWORD, scrambled::keyring::KEYWORD],
        samples: &[packed::SAMPLE, packed::SERVER_SAMPLE, scrambled::SAMPLE],
        sections: &[scrambled::keyring::SECTION],
        checks: &[scrambled::keyring::CHECK],
        commands: &[scrambled::keyring::COMMAND],
        counters: &[scrambled::COUNTER],
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }
}

/// Returns scrambled TCP over IPv4.
pub fn scrambled4() -> Arc<dyn Protocol> {
    scrambled::over_ipv4()
}

/// Returns scrambled TCP over IPv6.
pub fn scrambled6() -> Arc<dyn Protocol> {
    scrambled::over_ipv6()
}

/// Returns the scrambling transport on top of any other, for a test that puts a stub below it.
pub fn scrambled_over(below: Arc<dyn Protocol>) -> Arc<dyn Protocol> {
    scrambled::over(below)
}

/// Returns the layer that shortens runs of one byte, around any stream.
pub fn pack() -> Arc<dyn Layer> {
    Arc::new(packed::Pack::with(&Settings::default()))
}

/// Returns the transport between the processes of one machine, by the name of a room.
pub fn room() -> Arc<dyn Protocol> {
    Arc::new(room::RoomTransport)
}
