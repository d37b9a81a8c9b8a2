//! Collecting the settings that were not applied: those that tune are the `warnings` of a bind or a connector, one that
//! protects is its end.

use std::io;

use super::{Inherited, Role, SocketOption};
use crate::address::Address;
use crate::error::{Refusal, Warning};
use crate::stream::{Lack, Support};

/// The warnings of one bind or server line.
#[derive(Debug)]
pub struct Warnings {
    protocol: &'static str,
    address: String,
    list: Vec<Warning>,
    /// What was to protect, and could not be set.
    refused: Vec<String>,
}

impl Warnings {
    /// Returns an empty list for a protocol, by its name, and an address.
    pub fn new(protocol: &'static str, address: &Address) -> Warnings {
        Warnings { protocol, address: address.to_string(), list: Vec::new(), refused: Vec::new() }
    }

    /// Adds a warning.
    pub fn push(&mut self, message: String) {
        self.list.push(Warning { protocol: self.protocol, address: self.address.clone(), message });
    }

    /// Returns the warnings.
    ///
    /// # Errors
    /// An option that protects could not be set: nothing that relies on it may be served without it.
    pub fn finish(self) -> Result<Vec<Warning>, Refusal> {
        match self.refused.is_empty() {
            true => Ok(self.list),
            false => Err(Refusal::Policy(self.refused.join("; "))),
        }
    }

    /// Returns whether an option was set. If not, adds a warning, or has [`finish`](Self::finish) fail if it protects.
    pub fn note(&mut self, option: &SocketOption, result: io::Result<Support>) -> bool {
        let (was_set, message) = self.outcome(option, result);
        match message {
            Some(message) if option.spec().role == Role::Protects => self.refused.push(message),
            Some(message) => self.push(message),
            None => {}
        }
        was_set
    }

    /// Returns whether an option was set, and what there is to say about it.
    fn outcome(&self, option: &SocketOption, result: io::Result<Support>) -> (bool, Option<String>) {
        let message = match result {
            Ok(Support::Supported) => return (true, None),
            Ok(Support::Partly(why)) => {
                return (true, Some(format!("option '{option}' does not apply to all: {why}")));
            }
            Ok(Support::Unsupported(Lack::Protocol(why))) => {
                format!("option '{option}' has no effect with {}: {why}", self.protocol)
            }
            Ok(Support::Unsupported(Lack::Kernel)) => {
                let but = match option.spec().inherited {
                    Inherited::OnlyByFallback => "; connections that turn out plain TCP get it nevertheless",
                    _ => "",
                };
                format!("option '{option}' is not supported by {} on this kernel{but}", self.protocol)
            }
            Err(error) => format!("option '{option}' was refused: {error}"),
        };
        (false, Some(message))
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
        let mut guarded = Warnings::new("acme", &address);
        let key = SocketOption::Md5Signature(crate::options::Secret::new("k").unwrap());
        assert!(!guarded.note(&key, Ok(Support::Unsupported(Lack::Kernel))));
        assert_eq!(
            guarded.finish().unwrap_err().to_string(),
            "option 'tcp-md5sig ...' is not supported by acme on this kernel"
        );
        let (was_set, refused) = said(mss(), Err(io::Error::from_raw_os_error(libc::EPERM)));
        assert!(
            !was_set
                && refused.is_some_and(|refused| refused.contains("was refused: Operation not permitted"))
        );
    }
}
