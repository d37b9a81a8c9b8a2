//! Addresses of families that a transport does not serve.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::super::harness::{block_on, step};
use super::super::listening::{bind, connector};
use super::super::{Ended, Subject};
use crate::address::{Address, OtherAddress, UnixAddress};
use crate::error::{BindError, ConnectError, Refusal};
use crate::family::Family;
use crate::protocol::connect_within;
use crate::spec::Target;

const UNKNOWN: Family = Family::new("some other family");

fn other(host: &str) -> Address {
    Address::Other(OtherAddress::new(UNKNOWN, host))
}

/// Returns addresses of families that no transport serves all of, and one that looks like the subject's own.
fn foreign(own: &Address) -> Vec<Address> {
    let host = match own {
        Address::Other(other) => other.host().to_owned(),
        own => own.to_string(),
    };
    let name = "braid-conformance-foreign".to_owned();
    vec![
        other("there"),
        other(&host),
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0).into(),
        SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0).into(),
        Address::Unix(UnixAddress::Path("/nonexistent/braid".into())),
        Address::Unix(UnixAddress::Abstract { name: name.clone(), padded: true }),
        Address::Unix(UnixAddress::Abstract { name, padded: false }),
    ]
}

pub(super) fn another_kind_of_address_is_refused(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    let own = (subject.leads_to)(socket.local_addr());
    let families = subject.protocol.descriptor().families;
    let ip = families.iter().any(|family| Family::INTERNET.contains(family));
    // An IPv6 socket reaches IPv4 peers too.
    let known = |family: Family| families.contains(&family) || (ip && Family::INTERNET.contains(&family));
    let mut hosts = foreign(socket.local_addr());
    hosts.extend(foreign(&own));
    for address in hosts.into_iter().filter(|address| !known(address.family())) {
        let family = address.family();
        step(format!("bind to '{address}' of the family '{family}'"));
        match subject.protocol.bind(subject.bind_spec(address.clone()), &subject.kernel) {
            Err(BindError::Refused { source: Refusal::WrongFamily { family: found, .. }, .. })
                if found == family => {}
            other => panic!("BindError::Refused with Refusal::WrongFamily was expected, not {other:?}"),
        }
        step(format!("connector to '{address}' of the family '{family}'"));
        match subject.protocol.connector(subject.server(&address), &subject.kernel) {
            Err(ConnectError::Refused(Refusal::WrongFamily { family: found, .. })) if found == family => {}
            other => panic!("ConnectError::Refused with Refusal::WrongFamily was expected, not {other:?}"),
        }
        step(format!("connect to '{address}' of the family '{family}', by a connector to {own}"));
        let connector = connector(subject, &own);
        let target = Target::new(address.clone());
        match block_on(connect_within(&*connector, &target, super::super::harness::STILL)) {
            Err(ConnectError::Refused(Refusal::WrongFamily { family: found, .. })) if found == family => {}
            other => panic!("ConnectError::Refused with Refusal::WrongFamily was expected, not {other:?}"),
        }
    }
    // The address of an unnamed client, on which nothing can listen, is a UNIX address too.
    let unnamed = Address::Unix(UnixAddress::Unnamed);
    step("bind to the address of a client without a name");
    match subject.protocol.bind(subject.bind_spec(unnamed), &subject.kernel) {
        Err(BindError::Refused { .. }) => Ended::Passed,
        other => panic!("BindError::Refused was expected, not {other:?}"),
    }
}
