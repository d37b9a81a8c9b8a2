//! Finds the address that a server starts with, by the methods of `init-addr`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proto_core::address::{AddressSpec, Host};
use proxy_config::endpoint::Server as ServerLine;
use proxy_config::{Parsed, mistake};
use proxy_resolve::settings::ResolversName;

use super::Assembly;
use crate::policy::{InitAddr, InitAddrs};

/// The address of a server at start-up.
pub(super) struct InitialAddress {
    pub(super) spec: AddressSpec,
    /// The other addresses of the name, in the order of preference.
    pub(super) others: Vec<AddressSpec>,
    /// Whether there is no address yet: `spec` has the unspecified one, and the server starts in maintenance.
    pub(super) unresolved: bool,
}

impl Assembly<'_> {
    /// Returns the address that a server starts with. `last` is the one that it had in an earlier process.
    pub(super) fn initial_address(&self, line: &ServerLine, last: Option<IpAddr>) -> Parsed<InitialAddress> {
        let found = |spec| Ok(InitialAddress { spec, others: Vec::new(), unresolved: false });
        let Host::Name(name) = &line.address.host else { return found(line.address.clone()) };
        let values = &line.parameters.values;
        let InitAddrs(mut methods) = values.get_or_default();
        let (is_resolved, is_service) =
            (values.get::<ResolversName>().is_some(), name.as_str().starts_with('_'));
        // The name may have an address later.
        if is_resolved && values.get::<InitAddrs>().is_none() {
            methods.push(InitAddr::None);
        }
        let mut failure = mistake(line.address_span, "no method of 'init-addr' yields an address");
        for method in methods {
            match method {
                InitAddr::Last => {
                    if let Some(ip) = last.filter(|ip| line.address.admits(*ip)) {
                        return found(line.address.with_ip(ip));
                    }
                }
                // The system's resolver knows no services.
                InitAddr::Libc if is_service => {}
                InitAddr::Libc => match self.resolve_all(&line.address, line.address_span) {
                    Ok(mut all) => {
                        let spec = all.remove(0);
                        return Ok(InitialAddress { spec, others: all, unresolved: false });
                    }
                    Err(error) => failure = error,
                },
                InitAddr::Ip(ip) => return found(line.address.with_ip(ip)),
                InitAddr::None => {
                    let ip = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)]
                        .into_iter()
                        .find(|ip| line.address.admits(*ip));
                    let spec = line.address.with_ip(ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
                    return Ok(InitialAddress { spec, others: Vec::new(), unresolved: true });
                }
            }
        }
        Err(failure)
    }
}
