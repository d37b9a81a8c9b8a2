//! Error messages: what a client gets when there is nothing else for it.
//!
//! * [`ErrorStatus`]: the statuses that have one, and what there is by default.
//! * [`ErrorMessages`]: those of a section, as `errorfile`, `errorfiles` and `errorloc` gave them to it.
//! * [`Reference`]: a message of an `http-errors` section, by its name.

mod defaults;
mod directives;
mod file;
mod http_error;
mod location;
mod messages;
mod reference;
#[cfg(test)]
mod tests;

pub use defaults::ErrorStatus;
pub use messages::ErrorMessages;

pub(crate) use file::{read_error_file, read_file};
pub(crate) use reference::Reference;
