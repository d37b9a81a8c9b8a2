//! `set server <backend>/<server> addr`: changes the address of a server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use proto_core::address::Address;
use proxy_admin::{Answer, Call, CommandResult, Refusal, Severity};

use crate::upstream::dynamic_cookies::DynamicCookies;
use crate::{Admin, Backend, Server, ServerPort};

pub(super) fn address(call: &Call<'_>, backend: &Arc<Backend>, server: &Server) -> CommandResult {
    let Some(old) = server.address().inet() else {
        return Err(Refusal::new(
            "Update for the current server address family is only supported through configuration file.",
        ));
    };
    let (ip, port) = (call.argument(2), call.argument(4));
    if ip.is_empty() {
        return Err(Refusal::new("set server <b>/<s> addr requires an address and optionally a port."));
    }
    let ip: IpAddr = ip.parse().map_err(|_| Refusal::new(format!("Invalid addr '{ip}'")))?;
    let port = match call.argument(3) {
        "" => old.port(),
        "port" => port
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| Refusal::new(format!("'{port}' is not a port number")))?,
        other => {
            return Err(Refusal::new(format!(
                "unexpected '{other}' after the address: only 'port' may follow"
            )));
        }
    };
    let new = SocketAddr::new(ip, port);
    let mut changes = Vec::new();
    if new.ip() != old.ip() {
        changes.push(format!("IP changed from '{}' to '{ip}'", old.ip()));
    }
    if new.port() != old.port() {
        changes.push(format!("port changed from '{}' to '{port}'", old.port()));
    }
    if changes.is_empty() {
        return Ok(Answer::info("nothing changed"));
    }
    set_address(backend, server, old, new)?;
    let text = format!("{} by 'stats socket command'", changes.join(", "));
    Ok(match DynamicCookies::mistake(backend.servers()) {
        Some(mistake) => Answer::Message(Severity::Warning, format!("{text}\n{mistake}")),
        None => Answer::notice(text),
    })
}

/// Changes the address of a server. Its sessions go on. A server that waited for its address comes into use.
fn set_address(
    backend: &Arc<Backend>,
    server: &Server,
    old: SocketAddr,
    new: SocketAddr,
) -> Result<(), Refusal> {
    let config = server.config();
    if matches!(config.port, ServerPort::Offset(_)) && old.port() != new.port() {
        return Err(Refusal::new("the port of this server follows that of the client's connection"));
    }
    // An IPv6 socket can connect to mapped addresses as well.
    let has_both = config.resolution.is_some();
    if !has_both && config.address.inet().is_some_and(|began| began.is_ipv4()) && new.is_ipv6() {
        return Err(Refusal::new("this server is reached by IPv4, and cannot move to an IPv6 address"));
    }
    server.set_address(Address::Inet(new));
    backend.index_of(server.name()).inspect(|index| backend.address_changed(*index));
    if server.view().admin.contains(Admin::UNRESOLVED) && old.ip().is_unspecified() {
        backend.index_of(server.name()).inspect(|index| backend.clear_admin(*index, Admin::UNRESOLVED));
    }
    Ok(())
}
