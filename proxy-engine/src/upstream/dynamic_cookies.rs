//! The cookies of a backend whose values are made of the addresses of servers and a key: whether there are any, and the
//! key, both of which commands change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::server::Server;

/// Whether servers without a cookie have one that is made, and of which key.
#[derive(Debug)]
pub(crate) struct DynamicCookies(Mutex<Settings>);

#[derive(Debug)]
struct Settings {
    is_enabled: bool,
    key: Option<Arc<str>>,
}

impl DynamicCookies {
    /// Makes the cookies of these servers.
    pub(super) fn new(is_enabled: bool, key: Option<String>, servers: &[Arc<Server>]) -> DynamicCookies {
        let cookies = DynamicCookies(Mutex::new(Settings { is_enabled, key: key.map(Arc::from) }));
        if is_enabled {
            cookies.change(servers, |_| {});
        }
        cookies
    }

    /// Gives all servers a cookie, or takes it.
    pub(crate) fn enable(&self, servers: &[Arc<Server>], on: bool) {
        self.change(servers, |settings| settings.is_enabled = on);
    }

    /// Changes the key.
    pub(crate) fn set_key(&self, servers: &[Arc<Server>], key: &str) {
        self.change(servers, |settings| settings.key = Some(key.into()));
    }

    /// Returns the first two servers that have the same made cookie, of which clients reach only one; those that are
    /// disabled do not count.
    pub(crate) fn twins(servers: &[Arc<Server>]) -> Option<[&Arc<Server>; 2]> {
        let mut known = HashMap::new();
        servers.iter().filter(|server| !server.view().admin.is_in_maintenance()).find_map(|server| {
            let before = known.insert(server.cookie().made()?, server)?;
            Some([before, server])
        })
    }

    /// Describes [`twins`](Self::twins).
    pub(crate) fn mistake(servers: &[Arc<Server>]) -> Option<String> {
        let [one, other] = Self::twins(servers)?;
        Some(format!(
            "the dynamic cookies of the servers '{}' and '{}' are equal: change 'dynamic-cookie-key', or give one a \
             'cookie'",
            one.name(),
            other.name()
        ))
    }

    /// Changes the settings, and makes the cookies again.
    fn change(&self, servers: &[Arc<Server>], change: impl FnOnce(&mut Settings)) {
        let mut settings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut settings);
        let key = settings.key.as_ref().filter(|_| settings.is_enabled);
        for server in servers {
            server.cookie().set_key(key.cloned(), || server.address());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;
    use crate::tests::{Lab, config, run};
    use crate::upstream::ServerConfig;

    #[test]
    fn equal_cookies_are_found() {
        run(|lab: Lab| async move {
            let server = |name, address: &str| {
                let address = proto_core::address::Address::Inet(address.parse().unwrap());
                Server::new(ServerConfig { address, ..lab.server(name, 1) })
            };
            let servers =
                vec![server("a", "192.0.2.1:80"), server("b", "192.0.2.2:80"), server("c", "192.0.2.1:80")];
            let backend = Backend::new(config(servers, "roundrobin"));
            let (servers, cookies) = (backend.servers(), backend.dynamic_cookies());
            let twins = || DynamicCookies::twins(servers).map(|twins| twins.map(|server| server.name()));
            cookies.enable(servers, true);
            assert_eq!(twins(), None);
            cookies.set_key(servers, "key");
            assert_eq!(twins(), Some(["a", "c"]));
            servers[0].set_address("192.0.2.3:80".parse::<std::net::SocketAddr>().unwrap().into());
            assert_eq!(twins(), None);
            servers[1].set_address("192.0.2.3:80".parse::<std::net::SocketAddr>().unwrap().into());
            assert_eq!(twins(), Some(["a", "b"]));
            assert!(backend.set_maintenance("a", true));
            assert_eq!(twins(), None);
            cookies.enable(servers, false);
        });
    }
}
