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

    /// Makes the value again with this key; without one, there is no value but that of the line. The address is asked
    /// for under the lock, so that the last value is that of the last key and the last address.
    pub(super) fn set_key(&self, key: Option<Arc<str>>, address: impl FnOnce() -> Address) {
        let mut own = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        *own = key;
        self.make(own.as_deref(), &address());
    }

    /// Makes the value again after a change of the address, which is asked for likewise.
    pub(super) fn moved(&self, address: impl FnOnce() -> Address) {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if key.is_some() {
            self.make(key.as_deref(), &address());
        }
    }

    /// Returns the hash that is the value, if it is made.
    pub(super) fn made(&self) -> Option<u64> {
        Some(self.made.load(Relaxed)).filter(|made| *made != 0)
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

    /// Returns whether the cookie of a client leads to the server.
    pub(crate) fn is(&self, value: &ClientValue<'_>) -> bool {
        match &self.fixed {
            Some(fixed) => fixed.as_bytes() == value.text,
            None => value.made.is_some_and(|made| made == self.made.load(Relaxed)),
        }
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

/// The value of a client's cookie, read once to be compared with those of all servers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientValue<'v> {
    text: &'v [u8],
    /// The hash that it is, if it is written as such.
    made: Option<u64>,
}

impl<'v> ClientValue<'v> {
    pub(crate) fn new(text: &'v [u8]) -> ClientValue<'v> {
        let digit = |byte: &u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let number = || text.iter().try_fold(0, |number, byte| Some(number << 4 | u64::from(digit(byte)?)));
        let made = (text.len() == 16).then(number).flatten().filter(|made| *made != 0);
        ClientValue { text, made }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_recognized_as_it_is_written() {
        let address = || Address::Inet("192.0.2.1:80".parse().unwrap());
        let made = ServerCookie::new(None);
        let is = |cookie: &ServerCookie, text: &str| cookie.is(&ClientValue::new(text.as_bytes()));
        assert!(!is(&made, "0000000000000000"));
        made.set_key(Some("key".into()), address);
        let text = made.with(|value| value.unwrap().to_owned());
        assert!(is(&made, &text));
        for other in ["", "0", &text[1..], &format!("0{text}"), "0000000000000000"] {
            assert!(!is(&made, other), "{other}");
        }
        let fixed = ServerCookie::new(Some("one".to_owned()));
        assert!(is(&fixed, "one") && !is(&fixed, &text) && !is(&fixed, "One"));
    }

    #[test]
    fn a_value_follows_key_and_address() {
        let address = |text: &'static str| move || Address::Inet(text.parse().unwrap());
        let value = |cookie: &ServerCookie| cookie.with(|value| value.map(str::to_owned));
        let cookie = ServerCookie::new(None);
        cookie.moved(address("192.0.2.1:80"));
        assert_eq!(value(&cookie), None);
        cookie.set_key(Some("key".into()), address("192.0.2.1:80"));
        let first = value(&cookie).unwrap();
        assert_eq!(first.len(), 16);
        cookie.moved(address("192.0.2.1:81"));
        assert_ne!(value(&cookie).unwrap(), first);
        cookie.moved(address("192.0.2.1:80"));
        assert_eq!(value(&cookie).unwrap(), first);
        cookie.set_key(Some("other".into()), address("192.0.2.1:80"));
        assert_ne!(value(&cookie).unwrap(), first);
        cookie.set_key(None, address("192.0.2.1:80"));
        assert_eq!(value(&cookie), None);
        let fixed = ServerCookie::new(Some("one".to_owned()));
        fixed.set_key(Some("key".into()), address("192.0.2.1:80"));
        assert_eq!(value(&fixed).as_deref(), Some("one"));
    }
}
