//! A command that checks a server: its arguments, its environment, and the result of its end.
//!
//! ```text
//!  <command> <address and port of the proxy> <address and port of the server>
//! ```

use std::time::Duration;

use proto_core::address::Address;

use crate::result::CheckResult;
use crate::status::Status;

/// What a command is told about the server, and about the section that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CommandFacts<'a> {
    /// The name of the section.
    pub proxy: &'a str,
    /// The number of the section.
    pub proxy_id: u32,
    /// The first address that the section listens on, if it does.
    pub listener: Option<&'a Address>,
    /// The name of the server.
    pub server: &'a str,
    /// The number of the server.
    pub server_id: u32,
    /// The address of the server.
    pub address: &'a Address,
    /// The limit of its connections; 0 for none.
    pub maxconn: usize,
    /// Its sessions.
    pub sessions: u64,
    /// Whether its connections have TLS.
    pub has_tls: bool,
    /// The protocol of its connections: `tcp`, `h1`.
    pub protocol: &'a str,
}

/// What stands for an address or a port that there is not.
const UNUSED: &str = "NOT_USED";

impl CommandFacts<'_> {
    /// Returns the arguments of the command, without its name.
    pub fn arguments(&self) -> [String; 4] {
        let unused = || (UNUSED.to_owned(), UNUSED.to_owned());
        let (proxy, proxy_port) = self.listener.map_or_else(unused, parts);
        let (server, server_port) = parts(self.address);
        [proxy, proxy_port, server, server_port]
    }

    /// Returns the environment variables of the check. `path` is the value of `PATH`.
    pub fn environment(&self, path: &str) -> [(&'static str, String); 13] {
        let [proxy, proxy_port, server, server_port] =
            self.arguments().map(|argument| if argument == UNUSED { String::new() } else { argument });
        [
            ("PATH", path.to_owned()),
            ("HAPROXY_PROXY_NAME", self.proxy.to_owned()),
            ("HAPROXY_PROXY_ID", self.proxy_id.to_string()),
            ("HAPROXY_PROXY_ADDR", proxy),
            ("HAPROXY_PROXY_PORT", proxy_port),
            ("HAPROXY_SERVER_NAME", self.server.to_owned()),
            ("HAPROXY_SERVER_ID", self.server_id.to_string()),
            ("HAPROXY_SERVER_ADDR", server),
            ("HAPROXY_SERVER_PORT", server_port),
            ("HAPROXY_SERVER_MAXCONN", self.maxconn.to_string()),
            ("HAPROXY_SERVER_CURCONN", self.sessions.to_string()),
            ("HAPROXY_SERVER_SSL", u8::from(self.has_tls).to_string()),
            ("HAPROXY_SERVER_PROTO", self.protocol.to_owned()),
        ]
    }
}

/// Returns an address and its port.
fn parts(address: &Address) -> (String, String) {
    match address {
        Address::Inet(address) => (address.ip().to_string(), address.port().to_string()),
        _ => {
            let text = address.to_string();
            // A path is written without the prefix that tells its kind.
            let path = text.split_once('@').map_or(&*text, |(_, path)| path);
            (path.to_owned(), UNUSED.to_owned())
        }
    }
}

/// How a command has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandEnd {
    /// By itself, with an exit code.
    Exited(i32),
    /// By a signal.
    Killed,
    /// It had to be ended.
    TimedOut,
}

impl CommandEnd {
    /// Returns the result of the check.
    pub fn result(self, duration: Duration) -> CheckResult {
        let (status, code) = match self {
            CommandEnd::Exited(0) => (Status::ProcessOk, 0),
            CommandEnd::Exited(code) => (Status::ProcessError, code),
            CommandEnd::Killed => (Status::ProcessError, -1),
            CommandEnd::TimedOut => (Status::ProcessTimeout, 0),
        };
        CheckResult::new(status).with_code(code).took(duration)
    }
}

/// Returns the result of a command that could not be executed in its process: as in HAProxy, that of a process with exit
/// code 255, and here with the reason.
pub fn not_executed(error: &std::io::Error) -> CheckResult {
    let reason = format!("cannot execute the command: {}", describe(error));
    CheckResult::new(Status::ProcessError).with_code(255).with_info(reason.as_bytes())
}

/// Returns the text of an error of the system, without its number.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(&*text, |(text, _)| text).to_owned()
}

/// Returns the result of a command for which there was no process.
pub fn not_started(error: &std::io::Error) -> CheckResult {
    CheckResult::new(Status::SocketError).with_info(describe(error).as_bytes())
}

#[cfg(test)]
mod tests {
    use proto_core::address::UnixAddress;

    use super::*;

    fn facts<'a>(listener: Option<&'a Address>, address: &'a Address) -> CommandFacts<'a> {
        CommandFacts {
            proxy: "b",
            proxy_id: 3,
            listener,
            server: "s",
            server_id: 4,
            address,
            maxconn: 0,
            sessions: 7,
            has_tls: false,
            protocol: "h1",
        }
    }

    #[test]
    fn arguments_and_environment() {
        let address = Address::Inet("[2001:db8::1]:80".parse().unwrap());
        let listener = Address::Inet("192.0.2.1:443".parse().unwrap());
        let given = facts(Some(&listener), &address);
        assert_eq!(given.arguments(), ["192.0.2.1", "443", "2001:db8::1", "80"]);
        let environment = given.environment("/bin").map(|(name, value)| format!("{name}={value}"));
        assert_eq!(
            environment.join(" "),
            "PATH=/bin HAPROXY_PROXY_NAME=b HAPROXY_PROXY_ID=3 HAPROXY_PROXY_ADDR=192.0.2.1 HAPROXY_PROXY_PORT=443 \
             HAPROXY_SERVER_NAME=s HAPROXY_SERVER_ID=4 HAPROXY_SERVER_ADDR=2001:db8::1 HAPROXY_SERVER_PORT=80 \
             HAPROXY_SERVER_MAXCONN=0 HAPROXY_SERVER_CURCONN=7 HAPROXY_SERVER_SSL=0 HAPROXY_SERVER_PROTO=h1"
        );
        let socket = Address::Unix(UnixAddress::Path("/run/s".into()));
        assert_eq!(facts(None, &socket).arguments(), [UNUSED, UNUSED, "/run/s", UNUSED]);
        let environment = facts(None, &socket).environment("");
        assert_eq!(environment[3], ("HAPROXY_PROXY_ADDR", String::new()));
        assert_eq!(environment[8], ("HAPROXY_SERVER_PORT", String::new()));
    }

    #[test]
    fn results() {
        for (end, status, code) in [
            (CommandEnd::Exited(0), Status::ProcessOk, 0),
            (CommandEnd::Exited(3), Status::ProcessError, 3),
            (CommandEnd::Killed, Status::ProcessError, -1),
            (CommandEnd::TimedOut, Status::ProcessTimeout, 0),
        ] {
            let result = end.result(Duration::ZERO);
            assert_eq!((result.status, result.code), (status, code));
        }
    }
}
