//! What an answer changes about a server: its address, whether it is in use, its name and its weight.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use proxy_resolve::{DomainName, Status};
use proxy_rules::Severity;

use super::order::Order;
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;
use crate::upstream::state::Admin;

/// The reason of the maintenance of a server whose SRV record is gone, to the letter as HAProxy.
const NO_RECORD: &str = "entry removed from SRV record";

/// The longest name that a command may give a server, in bytes.
const LONGEST_NAME: usize = 255;

impl Server {
    /// Returns the IP address that its name was last resolved to, or that it was given.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        let is_unknown = self.view().admin.contains(Admin::UNRESOLVED);
        self.address().inet().map(|inet| inet.ip()).filter(|ip| !is_unknown && !ip.is_unspecified())
    }
}

impl Backend {
    /// Gives a server an address. `by` names who has found it, for the log. Returns whether it had another one.
    pub(super) fn readdress(self: &Arc<Self>, index: usize, ip: IpAddr, port: Option<u16>, by: &str) -> bool {
        let Some(server) = self.servers().get(index) else { return false };
        let Some(old) = server.address().inet() else { return false };
        let before = server.ip();
        let port = port.unwrap_or(old.port());
        let mut line = format!("{}/{}: ", self.name(), server.name());
        if before != Some(ip) {
            let before = before.map_or_else(|| "(none)".to_owned(), |ip| ip.to_string());
            let _ = write!(line, "IP changed from '{before}' to '{ip}'");
        }
        if port != old.port() {
            let comma = if before == Some(ip) { "" } else { ", " };
            let _ = write!(line, "{comma}port changed from '{}' to '{port}'", old.port());
        }
        let is_other = before != Some(ip) || port != old.port();
        if is_other {
            let _ = write!(line, " by '{by}'.");
            server.set_address(SocketAddr::new(ip, port).into());
            self.effects().report((Severity::Notice, line));
            self.effects().close_idle(server.key());
        }
        if server.view().admin.contains(Admin::UNRESOLVED) {
            self.clear_admin(index, Admin::UNRESOLVED);
            let line = format!(
                "Server {}/{} administratively READY thanks to valid DNS answer.",
                self.name(),
                server.name()
            );
            self.effects().report((Severity::Notice, line));
        }
        is_other
    }

    /// Puts a server in maintenance because its name has no address, which it loses. Returns whether it was in use.
    pub(super) fn unresolve(self: &Arc<Self>, index: usize, status: Status) -> bool {
        self.lose_address(index, status.cause())
    }

    fn lose_address(self: &Arc<Self>, index: usize, cause: &str) -> bool {
        let Some(server) = self.servers().get(index) else { return false };
        if server.view().admin.contains(Admin::UNRESOLVED) {
            return false;
        }
        // Until it is in maintenance nobody can connect to it.
        if let Some(old) = server.address().inet() {
            server.set_address(SocketAddr::new(unspecified(old.ip()), old.port()).into());
        }
        self.set_admin(index, Admin::UNRESOLVED, cause);
        true
    }

    /// Takes the record of a service from a server: it loses its name, address and port.
    pub(super) fn unassign(self: &Arc<Self>, index: usize) {
        let Some(server) = self.servers().get(index) else { return };
        server.set_host(None);
        if let Some(old) = server.address().inet() {
            server.set_address(SocketAddr::new(unspecified(old.ip()), 0).into());
        }
        self.lose_address(index, NO_RECORD);
    }

    /// Gives a server the port of an SRV record, without a word: the line about its address follows.
    pub(super) fn set_port(&self, index: usize, port: u16) {
        let Some(server) = self.servers().get(index) else { return };
        if let Some(old) = server.address().inet().filter(|old| old.port() != port) {
            server.set_address(SocketAddr::new(old.ip(), port).into());
            self.effects().close_idle(server.key());
        }
    }

    /// Gives a server without a name the one of an SRV record.
    pub(super) fn name_by_record(&self, index: usize, name: &DomainName) {
        let Some(server) = self.servers().get(index).filter(|server| server.host().is_none()) else { return };
        let line = rename_line(self, server, name.as_str(), "SRV record");
        server.set_host(Some(name.as_str().to_owned()));
        self.note_renamed(index);
        self.effects().report((Severity::Notice, line));
    }

    /// Gives a server the weight of an SRV record.
    pub(super) fn set_record_weight(self: &Arc<Self>, index: usize, weight: u16) {
        if self.servers().get(index).is_some_and(|server| server.weight() != weight) {
            self.set_user_weight(index, weight);
        }
    }

    /// Has a server resolve another name. Returns what is to be said about it, in HAProxy's words.
    pub(crate) fn rename_host(&self, index: usize, name: &str, by: &str) -> String {
        let Some(server) = self.servers().get(index) else { return String::new() };
        let before = server.host();
        if before.as_deref() == Some(name) {
            return format!("no need to change the FDQN by '{by}'");
        }
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.len() > LONGEST_NAME || !name.bytes().all(is_allowed) {
            return format!("invalid fqdn '{name}' by '{by}'");
        }
        let (Some(new), Some(resolution)) = (DomainName::parse(name), &server.config().resolution) else {
            return format!("could not update {}/{} FQDN by '{by}'", self.name(), server.name());
        };
        let line = rename_line(self, server, name, by);
        // The same name with other letters is kept as it is.
        if before.as_deref().and_then(DomainName::parse) == Some(new) {
            return line;
        }
        server.set_host(Some(name.to_owned()));
        self.note_renamed(index);
        resolution.section.order(Order::Renamed { backend: self.id(), index });
        line
    }

    /// Has the name of a server resolved soon, since it cannot be reached.
    pub(crate) fn hurry_resolution(&self, index: usize) {
        let resolution = self.servers().get(index).and_then(|server| server.config().resolution.as_ref());
        if let Some(resolution) = resolution {
            resolution.section.order(Order::Hurry { backend: self.id(), index });
        }
    }
}

fn rename_line(backend: &Backend, server: &Server, name: &str, by: &str) -> String {
    let before = server.host();
    let before = before.as_deref().unwrap_or("(null)");
    format!("{}/{} changed its FQDN from {before} to {name} by '{by}'", backend.name(), server.name())
}

fn unspecified(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
