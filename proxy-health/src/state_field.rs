//! The field in which a check tells a server its own state (`http-check send-state`).
//!
//! ```text
//!  x-haproxy-server-state: UP 2/3; address=192.0.2.1; port=80; name=b/s; node=n; weight=1/2; scur=3/22; qcur=0
//! ```

use std::fmt;

use proto_core::address::Address;

use crate::lines::ServerName;
use crate::state::{ServerCondition, Tally};

/// The state of a server, as its `Display` is the value of the field.
#[derive(Clone, Copy, Debug)]
pub struct StateField<'a> {
    /// The server.
    pub name: ServerName<'a>,
    /// The address of the server.
    pub address: &'a Address,
    /// The name of the proxy's host.
    pub node: &'a str,
    /// The condition of the server.
    pub condition: ServerCondition,
    /// The results of its checks, if it is checked.
    pub tally: Option<Tally>,
    /// The weight of the server, and that of all servers of its backend that are up.
    pub weight: (u32, u32),
    /// The sessions of the server, and those of its backend.
    pub sessions: (u64, u64),
    /// The requests in the queue of the server.
    pub queued: u64,
    /// The share of clients that a server gets that has just come up, in percent.
    pub throttle: Option<u8>,
}

impl fmt::Display for StateField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tally, self.condition) {
            (None, _) => f.write_str("no check")?,
            (Some(tally), ServerCondition::Stopped) if tally.is_empty() => f.write_str("DOWN")?,
            (Some(tally), condition) => {
                let state = match condition {
                    ServerCondition::Stopped => "DOWN",
                    ServerCondition::Stopping => "NOLB",
                    ServerCondition::Starting | ServerCondition::Running => "UP",
                };
                f.write_str(state)?;
                if !tally.is_full() {
                    let (passed, of) = tally.shown();
                    write!(f, " {passed}/{of}")?;
                }
            }
        }
        let (host, port) = match self.address {
            Address::Inet(address) => (address.ip().to_string(), address.port().to_string()),
            Address::Unix(_) => ("unix".to_owned(), String::new()),
            Address::Other(_) => (self.address.to_string(), String::new()),
        };
        let ServerName { backend, server, .. } = self.name;
        let ((weight, all), (sessions, of_backend)) = (self.weight, self.sessions);
        write!(
            f,
            "; address={host}; port={port}; name={backend}/{server}; node={}; weight={weight}/{all}; \
             scur={sessions}/{of_backend}; qcur={}",
            self.node, self.queued
        )?;
        match self.throttle {
            Some(percent) => write!(f, "; throttle={percent}%"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        let mut tally = Tally::new(2, 3);
        let address = Address::Inet("192.0.2.1:80".parse().unwrap());
        let base = StateField {
            name: ServerName { backend: "b", server: "s", backup: false },
            address: &address,
            node: "n",
            condition: ServerCondition::Running,
            tally: Some(tally),
            weight: (1, 2),
            sessions: (3, 22),
            queued: 0,
            throttle: None,
        };
        let rest = "; address=192.0.2.1; port=80; name=b/s; node=n; weight=1/2; scur=3/22; qcur=0";
        assert_eq!(base.to_string(), format!("UP 1/3{rest}"));
        let state = |condition, tally| {
            let field = StateField { condition, tally, ..base }.to_string();
            field.strip_suffix(rest).unwrap().to_owned()
        };
        assert_eq!(state(ServerCondition::Stopping, Some(tally)), "NOLB 1/3");
        tally.fill();
        assert_eq!(state(ServerCondition::Stopping, Some(tally)), "NOLB");
        assert_eq!(state(ServerCondition::Starting, Some(tally)), "UP");
        tally.empty();
        assert_eq!(state(ServerCondition::Stopped, Some(tally)), "DOWN");
        tally.pass();
        assert_eq!(state(ServerCondition::Stopped, Some(tally)), "DOWN 1/2");
        assert_eq!(state(ServerCondition::Running, None), "no check");
        let throttled = StateField { throttle: Some(40), ..base };
        assert!(throttled.to_string().ends_with("; throttle=40%"));
    }
}
