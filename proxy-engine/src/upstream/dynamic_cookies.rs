//! The cookies of a backend whose values are made of the addresses of servers and a key: whether there are any, and the
//! key, both of which commands change.

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

    /// Changes the settings, and makes the cookies again.
    fn change(&self, servers: &[Arc<Server>], change: impl FnOnce(&mut Settings)) {
        let mut settings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut settings);
        let key = settings.key.as_ref().filter(|_| settings.is_enabled);
        for server in servers {
            server.cookie().set_key(key.cloned(), &server.address());
        }
    }
}
