//! Finds addresses that two bind lines listen on, before a socket is opened.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proxy_config::{Diagnostic, Diagnostics, Span};

use super::bind_address::BindAddress;

/// An interface and a network namespace: equal addresses in different ones do not conflict.
type Network = (Option<String>, Option<String>);

/// Reports each duplicate address, and makes addresses that only overlap share their port: `*:80` and `192.0.2.1:80`
/// can both be listened on, and the kernel gives a connection to the more specific one.
pub(super) fn check<'p>(
    addresses: impl Iterator<Item = &'p mut BindAddress>,
    share: bool,
    diagnostics: &mut Diagnostics,
) {
    let mut addresses: Vec<&mut BindAddress> = addresses.collect();
    let mut taken: HashMap<(Address, Network), Span> = HashMap::new();
    let mut has_wildcards = false;
    let mut twice: HashSet<(Address, Network)> = HashSet::new();
    for bind in &addresses {
        if bind.socket.is_some() || is_any_port(&bind.address) {
            continue;
        }
        let key = (bind.address.clone(), network(bind));
        if let Some(first) = taken.insert(key.clone(), bind.span) {
            let message = format!("duplicate bind address {}", bind.address);
            // Two sockets on one port share its connections. A second UNIX socket replaces the file of the first.
            let problem = match share && bind.address.inet().is_some() {
                true => {
                    twice.insert(key);
                    let problem = Diagnostic::warning(bind.span, message);
                    problem.help("the kernel gives each connection to one of them")
                }
                false => Diagnostic::alert(bind.span, message),
            };
            diagnostics.push(problem.related(first, "first"));
        }
        has_wildcards |= bind.address.inet().is_some_and(|inet| inet.ip().is_unspecified());
    }
    for bind in &mut addresses {
        bind.share |= twice.contains(&(bind.address.clone(), network(bind)));
    }
    if !has_wildcards || !share {
        return;
    }
    let mut ports: HashMap<(u16, Network), Vec<IpAddr>> = HashMap::new();
    for bind in &addresses {
        if let Some(inet) = bind.address.inet() {
            ports.entry((inet.port(), network(bind))).or_default().push(inet.ip());
        }
    }
    for bind in &mut addresses {
        if let Some(inet) = bind.address.inet() {
            let others = ports.get(&(inet.port(), network(bind)));
            let overlaps =
                |ip: &IpAddr| *ip != inet.ip() && (ip.is_unspecified() || inet.ip().is_unspecified());
            bind.share |= others.is_some_and(|others| others.iter().any(overlaps));
        }
    }
}

fn is_any_port(address: &Address) -> bool {
    address.inet().is_some_and(|inet: SocketAddr| inet.port() == 0)
}

fn network(bind: &BindAddress) -> Network {
    let options = || bind.settings.options.iter();
    let interface = options().find_map(|option| match option {
        SocketOption::Interface(name) => Some(name.clone()),
        _ => None,
    });
    let namespace = options().find_map(|option| match option {
        SocketOption::Namespace(name) => Some(name.clone()),
        _ => None,
    });
    (interface, namespace)
}
