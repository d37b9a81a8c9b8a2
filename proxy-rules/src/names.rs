//! Names of the samples of transports and layers, which must differ from the fetches of Braid and of HAProxy.
//!
//! A fetch of Braid takes precedence, so a sample with its name could never be taken. That is reported when the program
//! starts, rather than left to be discovered in a rule.

use proto_core::Registry;
use proxy_config::foreign::{self, Place};

use crate::acl;
use crate::fetch::FetchEntry;

/// The error of a sample of a transport with an invalid name: a mistake in the assembly of the binary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleNameError {
    /// A fetch of Braid has the same name.
    #[error("the sample '{name}' is registered by {origin} and by {file}")]
    Twice {
        /// The name.
        name: &'static str,
        /// The crate with the sample.
        origin: &'static str,
        /// The source file of the fetch.
        file: &'static str,
    },
    /// The name is one of HAProxy's.
    #[error(transparent)]
    Foreign(#[from] foreign::Taken),
}

/// Checks the names of all samples that transports and layers have registered.
///
/// # Errors
/// Returns an error if a name is also that of a fetch, or of a fetch and a match in one word (`path_beg`), or is
/// HAProxy's.
pub fn check_samples(registry: &Registry) -> Result<(), SampleNameError> {
    for (origin, sample) in registry.sample_origins() {
        let name = sample.name;
        let own = FetchEntry::find(name).or_else(|| acl::derived(name).map(|(fetch, _)| fetch));
        if let Some(FetchEntry { file, .. }) = own {
            return Err(SampleNameError::Twice { name, origin, file });
        }
        foreign::check_name("sample", origin, Place::Fetch, name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proto_core::Registration;
    use proto_core::extension::{SampleFetch, SampleType, Side};

    use super::*;

    fn said(origin: &'static str, name: &'static str) -> Option<String> {
        let (side, gives) = (Side::Client, SampleType::Integer);
        let samples = vec![SampleFetch { name, side, gives, help: "", fetch: |_| None }].leak();
        let registry = Registry::build([Registration { samples, ..Registration::new(origin) }]).unwrap();
        check_samples(&registry).err().map(|error| error.to_string())
    }

    #[test]
    fn one_that_is_a_fetch_of_the_product_names_both() {
        let src = FetchEntry::find("src").unwrap();
        assert!(src.file.starts_with("proxy-rules/src/fetches/"), "{}", src.file);
        for origin in ["proto-acme", "proto-tcp"] {
            let message = format!("the sample 'src' is registered by {origin} and by {}", src.file);
            assert_eq!(said(origin, "src"), Some(message));
            // An alias, and a fetch with a match in one word.
            for name in ["hdr", "path_beg"] {
                let message = said(origin, name).unwrap();
                let both =
                    format!("the sample '{name}' is registered by {origin} and by proxy-rules/src/fetches/");
                assert!(message.starts_with(&both), "{message}");
            }
        }
    }

    #[test]
    fn one_that_haproxy_has_names_the_crate_and_haproxy() {
        // If Braid gets this fetch one day, it is the case above.
        let name = "cpu_ns_tot";
        assert!(FetchEntry::find(name).is_none());
        assert_eq!(
            said("proto-acme", name).unwrap(),
            "sample 'cpu_ns_tot' of proto-acme has a name of HAProxy's, which only Braid's own crates serve: give it a \
             prefix of its own"
        );
        assert_eq!(said("proto-mptcp", name), None);
        assert_eq!(said("proto-acme", "acme_cpu"), None);
    }
}
