//! Collecting the settings that were not applied, for the `warnings` of a bind or a connector.

use std::io;

use super::{Inherited, SocketOption};
use crate::address::Address;
use crate::error::Warning;
use crate::stream::{Lack, Support};

/// The warnings of one bind or server line.
#[derive(Debug)]
pub struct Warnings {
    protocol: &'static str,
    address: String,
    /// The warnings collected so far.
    pub list: Vec<Warning>,
}

impl Warnings {
    /// Returns an empty list for a protocol, by its name, and an address.
    pub fn new(protocol: &'static str, address: &Address) -> Warnings {
        Warnings { protocol, address: address.to_string(), list: Vec::new() }
    }

    /// Adds a warning.
    pub fn push(&mut self, message: String) {
        self.list.push(Warning { protocol: self.protocol, address: self.address.clone(), message });
    }

    /// Returns whether an option was set, and adds a warning if not.
    pub fn note(&mut self, option: &SocketOption, result: io::Result<Support>) -> bool {
        match result {
            Ok(Support::Supported) => return true,
            Ok(Support::Partly(why)) => {
                self.push(format!("option '{option}' does not apply to all: {why}"));
                return true;
            }
            Ok(Support::Unsupported(Lack::Protocol(why))) => {
                self.push(format!("option '{option}' has no effect with {}: {why}", self.protocol));
            }
            Ok(Support::Unsupported(Lack::Kernel)) => {
                let but = match option.spec().inherited {
                    Inherited::OnlyByFallback => "; connections that turn out plain TCP get it nevertheless",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_option_that_the_kernel_lacks_names_the_kernel() {
        let address = Address::Inet(([127, 0, 0, 1], 80).into());
        let mut warnings = Warnings::new("acme", &address);
        let mut said = |option, result| {
            let was_set = warnings.note(&option, result);
            (was_set, warnings.list.pop().map(|warning| warning.to_string()))
        };
        let mss = || SocketOption::Mss(1200);
        let warning = |message: &str| Some(format!("127.0.0.1:80 (acme): option 'mss 1200' {message}"));
        assert_eq!(said(mss(), Ok(Support::Supported)), (true, None));
        assert_eq!(
            said(mss(), Ok(Support::Partly("half of them have it"))),
            (true, warning("does not apply to all: half of them have it"))
        );
        assert_eq!(
            said(mss(), Ok(Support::Unsupported(Lack::Kernel))),
            (false, warning("is not supported by acme on this kernel"))
        );
        assert_eq!(
            said(mss(), Ok(Support::Unsupported(Lack::Protocol("it has no segments")))),
            (false, warning("has no effect with acme: it has no segments"))
        );
        let (was_set, refused) = said(mss(), Err(io::Error::from_raw_os_error(libc::EPERM)));
        assert!(
            !was_set
                && refused.is_some_and(|refused| refused.contains("was refused: Operation not permitted"))
        );
    }
}
