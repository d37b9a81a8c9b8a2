//! The value of the cookie that leads clients to a server: that of its line, or one that is made of its address and a
//! key, so that all proxies with the same key agree on it.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use proto_core::address::Address;
use twox_hash::XxHash64;

/// The value of a server's cookie.
#[derive(Debug)]
pub(crate) struct ServerCookie {
    /// The value of its line, which never changes.
    fixed: Option<String>,
    /// The key of a value that is made; without one there is none.
    key: Mutex<Option<Arc<str>>>,
    /// The hash that is the value; 0 for none.
    made: AtomicU64,
}

impl ServerCookie {
    pub(super) fn new(fixed: Option<String>) -> ServerCookie {
        ServerCookie { fixed, key: Mutex::default(), made: AtomicU64::new(0) }
    }

    /// Makes the value again with this key; without one, there is no value but that of the line.
    pub(super) fn set_key(&self, key: Option<Arc<str>>, address: &Address) {
        let mut own = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        *own = key;
        self.make(own.as_deref(), address);
    }

    /// Makes the value again for another address.
    pub(super) fn moved(&self, address: &Address) {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if key.is_some() {
            self.make(key.as_deref(), address);
        }
    }

    fn make(&self, key: Option<&str>, address: &Address) {
        let made = key.filter(|_| self.fixed.is_none()).zip(address.inet()).map(|(key, address)| {
            let mut text = key.as_bytes().to_vec();
            match address.ip() {
                std::net::IpAddr::V4(ip) => text.extend_from_slice(&ip.octets()),
                std::net::IpAddr::V6(ip) => text.extend_from_slice(&ip.octets()),
            }
            text.extend_from_slice(&u32::from(address.port()).to_be_bytes());
            XxHash64::oneshot(0, &text)
        });
        self.made.store(made.unwrap_or(0), Relaxed);
    }

    /// Calls a function with the value, if there is one.
    pub(crate) fn with<R>(&self, look: impl FnOnce(Option<&str>) -> R) -> R {
        match (&self.fixed, self.made.load(Relaxed)) {
            (Some(fixed), _) => look(Some(fixed)),
            (None, 0) => look(None),
            (None, made) => look(Some(&format!("{made:016x}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_follows_key_and_address() {
        let address = |text: &str| Address::Inet(text.parse().unwrap());
        let value = |cookie: &ServerCookie| cookie.with(|value| value.map(str::to_owned));
        let cookie = ServerCookie::new(None);
        cookie.moved(&address("192.0.2.1:80"));
        assert_eq!(value(&cookie), None);
        cookie.set_key(Some("key".into()), &address("192.0.2.1:80"));
        let first = value(&cookie).unwrap();
        assert_eq!(first.len(), 16);
        cookie.moved(&address("192.0.2.1:81"));
        assert_ne!(value(&cookie).unwrap(), first);
        cookie.moved(&address("192.0.2.1:80"));
        assert_eq!(value(&cookie).unwrap(), first);
        cookie.set_key(Some("other".into()), &address("192.0.2.1:80"));
        assert_ne!(value(&cookie).unwrap(), first);
        cookie.set_key(None, &address("192.0.2.1:80"));
        assert_eq!(value(&cookie), None);
        let fixed = ServerCookie::new(Some("one".to_owned()));
        fixed.set_key(Some("key".into()), &address("192.0.2.1:80"));
        assert_eq!(value(&fixed).as_deref(), Some("one"));
    }
}
