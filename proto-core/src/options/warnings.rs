//! Collecting what was asked for and not done, for the `warnings` of a bind or a connector.

use std::io;

use super::{Inherited, SocketOption};
use crate::address::Address;
use crate::error::Warning;
use crate::stream::Support;

/// The warnings of one bind or server line.
#[derive(Debug)]
pub struct Warnings {
    protocol: &'static str,
    address: String,
    /// What has been collected.
    pub list: Vec<Warning>,
}

impl Warnings {
    /// None yet, for a protocol by its name and an address.
    pub fn new(protocol: &'static str, address: &Address) -> Warnings {
        Warnings { protocol, address: address.to_string(), list: Vec::new() }
    }

    /// Adds one.
    pub fn push(&mut self, message: String) {
        self.list.push(Warning { protocol: self.protocol, address: self.address.clone(), message });
    }

    /// Whether an option was set; a warning otherwise.
    pub fn note(&mut self, option: &SocketOption, result: io::Result<Support>) -> bool {
        match result {
            Ok(Support::Supported) => return true,
            Ok(Support::Partly(why)) => {
                self.push(format!("option '{option}' does not apply to all: {why}"));
                return true;
            }
            Ok(Support::Unsupported) => {
                let but = match option.spec().inherited {
                    Inherited::OnlyByFallback => "; connections that turn out plain TCP get it all the same",
                    _ => "",
                };
                self.push(format!(
                    "option '{option}' is not supported by {} on this kernel{but}",
                    self.protocol
                ));
            }
            Err(error) => self.push(format!("option '{option}' was refused: {error}")),
        }
        false
    }
}
