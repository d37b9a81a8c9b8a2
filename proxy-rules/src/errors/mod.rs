//! Error messages: replies to clients when there is no other response.
//!
//! * [`ErrorStatus`]: the statuses that have a message, and the default messages.
//! * [`ErrorMessages`]: the messages of a section, as defined by `errorfile`, `errorfiles` and `errorloc`.
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
