//! `option splice-auto`, `splice-request` and `splice-response`: leave to allow that the kernel moves bytes from one socket
//! to the other.
//!
//! The proxy needs no leave: it splices sessions of mode tcp where that is cheaper than copying, and copies the bodies of
//! HTTP. `-dS` forbids splicing.

use proxy_config::inventory;
use proxy_config::{Directive, Parsed, Sections};

const fn allow(name: &'static str, help: &'static str) -> Directive {
    Directive::new(name, "", Sections::PROXY.union(Sections::DEFAULTS), help, |_| Parsed::Ok(())).negatable()
}

inventory::submit! { allow("option splice-auto", "allow splicing; done in mode tcp where it is cheaper than copying") }
inventory::submit! { allow("option splice-request", "allow to splice what clients send, as 'option splice-auto'") }
inventory::submit! { allow("option splice-response", "allow to splice what servers send, as 'option splice-auto'") }
