//! Addresses that two bind lines want: found before a socket is opened.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proxy_config::{Diagnostic, Diagnostics, Span};

use super::places::Place;

/// What makes two equal addresses different places: where packets come in.
type Scope = (Option<String>, Option<String>);

/// Tells of each address that is taken twice, and lets those share that only overlap: `*:80` and `192.0.2.1:80` can
/// both be listened on, and the kernel gives a connection to the nearer one.
pub(super) fn find<'p>(
    places: impl Iterator<Item = &'p mut Place>,
    share: bool,
    diagnostics: &mut Diagnostics,
) {
    let mut places: Vec<&mut Place> = places.collect();
    let mut taken: HashMap<(Address, Scope), Span> = HashMap::new();
    let mut wide: Vec<(u16, Scope)> = Vec::new();
    for place in &places {
        if place.socket.is_some() || is_any_port(&place.address) {
            continue;
        }
        let key = (place.address.clone(), scope(place));
        if let Some(first) = taken.insert(key, place.span) {
            let message = format!("{} is listened on twice", place.address);
            diagnostics.push(Diagnostic::alert(place.span, message).related(first, "first"));
        }
        if let Some(inet) = place.address.inet()
            && inet.ip().is_unspecified()
        {
            wide.push((inet.port(), scope(place)));
        }
    }
    if wide.is_empty() || !share {
        return;
    }
    let mut ports: HashMap<(u16, Scope), Vec<IpAddr>> = HashMap::new();
    for place in &places {
        if let Some(inet) = place.address.inet() {
            ports.entry((inet.port(), scope(place))).or_default().push(inet.ip());
        }
    }
    for place in &mut places {
        if let Some(inet) = place.address.inet() {
            let others = ports.get(&(inet.port(), scope(place)));
            let overlaps =
                |ip: &IpAddr| *ip != inet.ip() && (ip.is_unspecified() || inet.ip().is_unspecified());
            place.share = others.is_some_and(|others| others.iter().any(overlaps));
        }
    }
}

fn is_any_port(address: &Address) -> bool {
    address.inet().is_some_and(|inet: SocketAddr| inet.port() == 0)
}

fn scope(place: &Place) -> Scope {
    let options = || place.settings.options.iter();
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
