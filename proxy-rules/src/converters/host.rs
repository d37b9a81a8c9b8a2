//! `host_only`, `port_only`: the parts of `www.example.com:80` or `[2001:db8::1]:80`.

use super::part::part;
use super::simple::simple;
use crate::sample::{Sample, Type};

/// Returns the position of the colon before the port, if there is one: colons in brackets do not count.
fn colon(text: &[u8]) -> Option<usize> {
    memchr::memrchr2(b':', b']', text).filter(|at| text[*at] == b':')
}

/// Reads the 32-bit number at the beginning.
fn port(digits: &[u8]) -> u32 {
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |value: u32, digit| value.saturating_mul(10).saturating_add(u32::from(digit - b'0')))
}

simple!("host_only", Type::Text, Type::Text, "the host without the port, in small letters", |sample| {
    let Sample::Text(text) = sample else { return None };
    let end = colon(&text).unwrap_or(text.len());
    let mut host = part(text, 0..end);
    if host.iter().any(u8::is_ascii_uppercase) {
        host.to_mut().make_ascii_lowercase();
    }
    Some(Sample::Text(host))
});

simple!("port_only", Type::Text, Type::Integer, "the port, 0 if there is none", |sample| {
    let text = sample.bytes()?;
    Some(Sample::Integer(colon(text).map_or(0, |at| port(&text[at + 1..])).into()))
});
