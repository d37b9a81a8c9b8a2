//! `parse-resolv-conf`: the name servers of the system.

use std::net::{IpAddr, SocketAddr};

use proto_core::address::Selector;
use proto_core::address::{AddressSpec, Host, Port};
use proto_core::protocol::SocketType;
use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections, Span, Spanned, inventory, mistake};

use super::name_server::{NameServerLine, NameServers};

/// The file of the system's resolver (`resolv.conf(5)`).
pub const FILE: &str = "/etc/resolv.conf";

/// The port of name servers.
const PORT: u16 = 53;

inventory::submit! {
    Directive::new(
        "parse-resolv-conf",
        "",
        Sections::RESOLVERS,
        "add the name servers of the system, from /etc/resolv.conf",
        parse_resolv_conf,
    )
}

fn parse_resolv_conf(line: &mut Line<'_, '_>) -> Parsed {
    let text =
        std::fs::read(FILE).map_err(|error| mistake(line.span, format!("cannot read {FILE}: {error}")))?;
    let servers = line.section.get_mut::<NameServers>();
    for (name, found) in addresses(&String::from_utf8_lossy(&text)) {
        let Ok(ip) = found else {
            let message = format!("{FILE} has a name server that is not an IP address: '{name}'");
            line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
            continue;
        };
        if servers.0.iter().any(|other| other.name.value == name) {
            let message = format!("{FILE} has a name server that the section has already: '{name}'");
            line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
            continue;
        }
        servers.0.push(server(name, ip, line.span));
    }
    Ok(())
}

/// Returns the name servers in the text of a `resolv.conf` and their names, each once; what cannot be read is left out.
pub fn system_servers(text: &str) -> Vec<(String, SocketAddr)> {
    let mut servers: Vec<(String, SocketAddr)> = Vec::new();
    for (name, found) in addresses(text) {
        if let Ok(ip) = found
            && !servers.iter().any(|(other, _)| other == name)
        {
            servers.push((name.to_owned(), SocketAddr::new(ip, PORT)));
        }
    }
    servers
}

/// Returns the words after `nameserver`, and the addresses that they are.
fn addresses(text: &str) -> impl Iterator<Item = (&str, Result<IpAddr, std::net::AddrParseError>)> {
    let words = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("nameserver")?;
        rest.starts_with([' ', '\t']).then(|| rest.split_whitespace().next()).flatten()
    });
    words.map(|word| (word, word.parse()))
}

fn server(name: &str, ip: IpAddr, span: Span) -> NameServerLine {
    let address = AddressSpec {
        layers: Vec::new(),
        modifier: None,
        prefix: None,
        selector: Selector::plain(SocketType::Datagram),
        host: Host::Ip(ip),
        port: Port::One(PORT),
    };
    NameServerLine { name: Spanned { value: name.to_owned(), span }, address, span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_found_in_the_file_of_the_system() {
        let text = "# nameserver 192.0.2.9\n nameserver 192.0.2.8\nnameserver\nnameservers 192.0.2.7\n\
                    nameserver\t192.0.2.1 # one\nnameserver x\nnameserver 2001:db8::1\nnameserver 192.0.2.1\n";
        let found: Vec<_> = addresses(text).map(|(word, address)| (word, address.is_ok())).collect();
        assert_eq!(found, [("192.0.2.1", true), ("x", false), ("2001:db8::1", true), ("192.0.2.1", true)]);
    }
}
