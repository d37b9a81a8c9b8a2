//! `set server`: changes the address, the weight or the state of a server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use proto_core::address::Address;
use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use crate::commands::Handle;
use crate::{Admin, Backend, MAX_WEIGHT, Server, ServerPort};

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

fn set_server(call: &mut Call<'_>) -> CommandResult {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    match call.argument(1) {
        "addr" => address(call, backend, server),
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
            backend.set_maintenance(server.name(), on);
            Ok(Answer::Nothing)
        }
        "weight" => {
            let weight = call.argument(2).parse().ok().filter(|weight| *weight <= MAX_WEIGHT);
            let weight = weight.ok_or_else(|| Refusal::new("a weight is a number from 0 to 256"))?;
            backend.set_weight(server.name(), weight);
            Ok(Answer::Nothing)
        }
        _ => Err(Refusal::new(USAGE)),
    }
}

fn address(call: &Call<'_>, backend: &Arc<Backend>, server: &Server) -> CommandResult {
    let Some(old) = server.address().inet() else {
        return Err(Refusal::new("this server has no Internet address"));
    };
    let (ip, port) = (call.argument(2), call.argument(4));
    if ip.is_empty() {
        return Err(Refusal::new(
            "'set server <backend>/<server> addr' takes an address, and optionally 'port' and a number",
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
    Ok(Answer::notice(format!("{} by 'stats socket command'", changes.join(", "))))
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
    if config.address.inet().is_some_and(|began| began.is_ipv4()) && new.is_ipv6() {
        return Err(Refusal::new("this server is reached by IPv4, and cannot move to an IPv6 address"));
    }
    server.set_address(Address::Inet(new));
    if config.unresolved && old.ip().is_unspecified() {
        backend.index_of(server.name()).inspect(|index| backend.clear_admin(*index, Admin::UNRESOLVED));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proto_core::kernel::Kernel;
    use proto_core::spec::ServerSpec;
    use proxy_admin::testing;
    use proxy_config::Values;

    use super::*;
    use crate::{BackendConfig, ServerConfig, balance};

    fn backend() -> Arc<Backend> {
        let address = |text: &str| Address::Inet(text.parse().unwrap());
        let server = |name: &str, at: &str| {
            let spec = ServerSpec::new(address(at));
            let connector = proto_tcp::tcp4().connector(spec, &Kernel::detect()).unwrap().connector;
            ServerConfig::new(name, 1, connector, address(at))
        };
        let servers = vec![
            Server::new(server("s", "127.0.0.1:80")),
            Server::new(ServerConfig { unresolved: true, ..server("later", "0.0.0.0:80") }),
            Server::new(ServerConfig { port: ServerPort::Offset(1), ..server("offset", "127.0.0.1:1") }),
        ];
        let roundrobin = balance::Algorithm::entries();
        let balance =
            (roundrobin.find("roundrobin").unwrap().make)(&[], balance::HashType::default()).unwrap();
        Backend::new(BackendConfig::new("be", 1, servers, balance))
    }

    #[tokio::test]
    async fn a_server_is_changed_or_the_reason_given() {
        let backend = backend();
        let ask = async |command: &str| {
            let mut facts = Values::default();
            facts.set(Handle::of(Vec::new(), vec![Arc::clone(&backend)], Arc::new([])));
            testing::ask(command, Level::Admin, facts).await.unwrap()
        };
        let cases = [
            (
                "set server be/s addr 127.0.0.2",
                "IP changed from '127.0.0.1' to '127.0.0.2' by 'stats socket command'\n",
            ),
            (
                "set server be/s addr 127.0.0.2 port 81",
                "port changed from '80' to '81' by 'stats socket command'\n",
            ),
            ("set server be/s addr 127.0.0.2", "nothing changed\n"),
            (
                "set server be/s addr",
                "'set server <backend>/<server> addr' takes an address, and optionally 'port' and a number\n",
            ),
            ("set server be/s addr x", "'x' is not an IP address\n"),
            ("set server be/s addr 127.0.0.1 port 0", "'0' is not a port number\n"),
            (
                "set server be/s addr 127.0.0.1 x",
                "unexpected 'x' after the address: only 'port' may follow\n",
            ),
            (
                "set server be/s addr ::1",
                "this server is reached by IPv4, and cannot move to an IPv6 address\n",
            ),
            (
                "set server be/offset addr 127.0.0.1 port 2",
                "the port of this server follows that of the client's connection\n",
            ),
            ("set server be/s weight 256", ""),
            ("set server be/s weight 257", "a weight is a number from 0 to 256\n"),
            ("set server be/s state maint", ""),
            (
                "set server be/s state down",
                "'set server <backend>/<server> state' takes 'ready' or 'maint'\n",
            ),
            ("set server be/s", "usage: set server <backend>/<server> addr | state | weight\n"),
            ("set server be/#1", "usage: set server <backend>/<server> addr | state | weight\n"),
            ("set server be/#1 state maint", ""),
            ("set server be/#9 state maint", "No such server.\n"),
            ("set server s", "Require 'backend/server'.\n"),
            ("set server be/", "Require 'backend/server'.\n"),
            ("set server other/s state maint", "No such backend.\n"),
            ("set server be/other state maint", "No such server.\n"),
        ];
        for (command, answer) in cases {
            assert_eq!(ask(command).await, answer, "{command}");
        }
        let server = backend.server("s").unwrap();
        assert_eq!(server.address(), Address::Inet("127.0.0.2:81".parse().unwrap()));
        assert_eq!((server.weight(), server.is_in_maintenance()), (256, true));
        ask("set server be/s state ready").await;
        assert!(!server.is_in_maintenance());

        let later = backend.server("later").unwrap();
        assert!(later.is_in_maintenance());
        ask("set server be/later addr 127.0.0.1").await;
        assert!(!later.is_in_maintenance());
    }

    #[tokio::test]
    async fn only_admins_may_and_only_with_an_engine() {
        let ask =
            async |level| testing::ask("set server be/s weight 1", level, Values::default()).await.unwrap();
        assert_eq!(ask(Level::Operator).await, "Permission denied\n");
        assert!(ask(Level::Admin).await.starts_with("Not available: "));
    }
}
