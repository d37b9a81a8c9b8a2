//! `set server`: what may change of a server while the program runs.

use std::net::{IpAddr, SocketAddr};

use crate::answer::{Answer, Outcome, Refusal};
use crate::command::{Call, Command};
use crate::level::Level;
use crate::state::ServerHandle;

const USAGE: &str = "usage: set server <backend>/<server> addr | state | weight";

inventory::submit! {
    Command::new(
        &["set", "server"],
        "<backend>/<server> addr <ip> [port <port>] | state ready|maint | weight <number>",
        Level::Admin,
        "change a server",
        set_server,
    )
}

fn set_server(call: &mut Call<'_>) -> Outcome {
    let Some((backend, server)) = call.argument(0).split_once('/') else {
        return Err(Refusal::new(USAGE));
    };
    let server = call.state.server(backend, server)?;
    match call.argument(1) {
        "addr" => address(call, &*server),
        "state" => {
            let on = match call.argument(2) {
                "ready" => false,
                "maint" => true,
                _ => {
                    return Err(Refusal::new(
                        "'set server <backend>/<server> state' takes 'ready' or 'maint'",
                    ));
                }
            };
            server.set_maintenance(on);
            Ok(Answer::Nothing)
        }
        "weight" => {
            let weight = call.argument(2).parse().ok().filter(|weight| *weight <= 256);
            server.set_weight(weight.ok_or_else(|| Refusal::new("a weight is a number from 0 to 256"))?);
            Ok(Answer::Nothing)
        }
        _ => Err(Refusal::new(USAGE)),
    }
}

fn address(call: &Call<'_>, server: &dyn ServerHandle) -> Outcome {
    let Some(old) = server.address() else {
        return Err(Refusal::new("this server has no Internet address"));
    };
    let (ip, port) = (call.argument(2), call.argument(4));
    if ip.is_empty() {
        return Err(Refusal::new(
            "'set server <backend>/<server> addr' takes an address, and perhaps a port",
        ));
    }
    let ip: IpAddr = ip.parse().map_err(|_| Refusal::new(format!("'{ip}' is not an IP address")))?;
    let port = match call.argument(3) {
        "" => old.port(),
        "port" => port
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| Refusal::new(format!("'{port}' is not a port number")))?,
        other => return Err(Refusal::new(format!("'{other}' cannot stand behind the address, only 'port'"))),
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
    server.set_address(new)?;
    Ok(Answer::notice(format!("{} by 'stats socket command'", changes.join(", "))))
}
