//! The keywords that belong to the language itself rather than to a part of the program.

mod backends;
mod bind;
mod id;
mod mode;
mod server;
mod variables;

pub use backends::{DefaultBackend, default_backend};
pub use id::{Description, Id};
pub use mode::Mode;
