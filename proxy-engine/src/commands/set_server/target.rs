//! `set server <backend>/<server> check-addr|check-port|agent-addr|agent-port`: changes where checks connect.

use std::net::{IpAddr, SocketAddr};

use proto_core::address::Address;
use proxy_admin::{Answer, Call, CommandResult};
use proxy_health::CheckSource;

use super::warn;
use crate::{CheckTarget, Server, ServerPort};

/// Changes the address, and the port if one follows.
pub(super) fn address(call: &Call<'_>, server: &Server, source: CheckSource) -> CommandResult {
    let (ip, port) = (call.argument(2), Some(call.argument(4)).filter(|_| call.argument(3) == "port"));
    change(server, source, |target| {
        let address: IpAddr = ip.parse().map_err(|_| format!("invalid addr '{ip}'"))?;
        // A check is made by the connector of the configuration.
        let began = server.config().address.inet();
        if began.is_none_or(|began| began.is_ipv4()) && address.is_ipv6() {
            return Err(format!("'{ip}': the checks of this server are made by IPv4"));
        }
        target.address = Some(Address::Inet(SocketAddr::new(address, 0)));
        port.map_or(Ok(()), |port| set_port(server, source, target, port))
    })
}

/// Changes the port.
pub(super) fn port(server: &Server, source: CheckSource, port: &str) -> CommandResult {
    change(server, source, |target| set_port(server, source, target, port))
}

/// Changes the target of a check that is enabled. A mistake is a warning, and changes nothing.
fn change(
    server: &Server,
    source: CheckSource,
    by: impl FnOnce(&mut CheckTarget) -> Result<(), String>,
) -> CommandResult {
    if !server.has_check(source).1 {
        return warn(match source {
            CheckSource::Health => "health checks are not enabled on this server",
            CheckSource::Agent => "agent checks are not enabled on this server",
        });
    }
    let mut target = server.check_target(source);
    if let Err(mistake) = by(&mut target) {
        return warn(&mistake);
    }
    server.set_check_target(source, target);
    Ok(Answer::Nothing)
}

/// Sets the port of a check; 0 for that of the server.
fn set_port(
    server: &Server,
    source: CheckSource,
    target: &mut CheckTarget,
    port: &str,
) -> Result<(), String> {
    let number: i64 = port.parse().map_err(|_| "provided port is not an integer".to_owned())?;
    let port = u16::try_from(number).map_err(|_| "provided port is invalid".to_owned())?;
    let is_mapped = matches!(server.config().port, ServerPort::Offset(_));
    if port == 0 && is_mapped && source == CheckSource::Health {
        return Err("can't unset 'port' since MAPPORTS is in use".to_owned());
    }
    target.port = Some(port).filter(|port| *port > 0);
    Ok(())
}
