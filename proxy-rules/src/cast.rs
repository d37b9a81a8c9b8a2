//! Conversions between types, as in HAProxy where types do not match.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address_text::address;
use crate::format::{Digits, decimal};
use crate::sample::{Sample, Type};

impl Type {
    /// Returns whether a sample of this type can be converted to another one; known when the configuration is read. A
    /// sample of any type is checked when it is taken.
    pub fn casts_to(self, to: Type) -> bool {
        match (self, to) {
            (Type::Any, _) | (_, Type::Any) => true,
            (from, to) if from == to => true,
            (Type::Bool, Type::Integer | Type::Text | Type::Binary) => true,
            (Type::Integer, Type::Bool | Type::Ip | Type::Text | Type::Binary) => true,
            (Type::Ip, Type::Text | Type::Binary) => true,
            // Only an IPv4 address is a number: one that may as well be IPv6 is not taken for it.
            (Type::Ipv4, Type::Integer | Type::Ip | Type::Text | Type::Binary) => true,
            (Type::Text, Type::Bool | Type::Integer | Type::Ip | Type::Binary | Type::Method) => true,
            (Type::Binary, Type::Text | Type::Method) => true,
            (Type::Method, Type::Text | Type::Binary) => true,
            _ => false,
        }
    }
}

/// Returns the IPv4 address in a mapped or compatible IPv6 address (RFC 4291), or in one of 6to4 (RFC 3056).
pub(crate) fn as_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    address.to_ipv4().or_else(|| {
        let [0x2002, high, low, ..] = address.segments() else { return None };
        Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    })
}

impl<'a> Sample<'a> {
    /// Converts the value to another type; returns `None` if that is not possible.
    pub fn cast(self, to: Type) -> Option<Sample<'a>> {
        if to == Type::Any || self.kind() == to {
            return Some(self);
        }
        match (to, self) {
            (Type::Bool, Sample::Integer(value)) => Some(Sample::Bool(value != 0)),
            (Type::Bool, Sample::Text(text)) => Some(Sample::Bool(integer(&text)? != 0)),
            (Type::Integer, Sample::Bool(value)) => Some(Sample::Integer(i64::from(value))),
            (Type::Integer, Sample::Ip(IpAddr::V4(ip))) => Some(Sample::Integer(i64::from(ip.to_bits()))),
            (Type::Integer, Sample::Text(text)) => Some(Sample::Integer(integer(&text)?)),
            (Type::Ip, Sample::Integer(value)) => {
                // An IPv4 address has the low 32 bits.
                Some(Sample::Ip(IpAddr::V4(Ipv4Addr::from_bits(value as u32))))
            }
            (Type::Ip, Sample::Text(text)) => address(&text).map(Sample::Ip),
            (Type::Text, Sample::Binary(bytes)) => Some(Sample::Text(before_nul(bytes))),
            (
                Type::Text | Type::Binary,
                Sample::Text(bytes) | Sample::Binary(bytes) | Sample::Method(bytes),
            ) => Some(if to == Type::Text { Sample::Text(bytes) } else { Sample::Binary(bytes) }),
            (Type::Text, other) => {
                let mut text = Vec::with_capacity(40);
                other.write(&mut text);
                Some(Sample::Text(Cow::Owned(text)))
            }
            (Type::Binary, Sample::Bool(value)) => {
                Some(Sample::Binary(Cow::Owned(i64::from(value).to_be_bytes().to_vec())))
            }
            (Type::Binary, Sample::Integer(value)) => {
                Some(Sample::Binary(Cow::Owned(value.to_be_bytes().to_vec())))
            }
            (Type::Binary, Sample::Ip(IpAddr::V4(ip))) => {
                Some(Sample::Binary(Cow::Owned(ip.octets().to_vec())))
            }
            (Type::Binary, Sample::Ip(IpAddr::V6(ip))) => {
                Some(Sample::Binary(Cow::Owned(ip.octets().to_vec())))
            }
            (Type::Method, Sample::Text(name) | Sample::Binary(name)) => Some(Sample::Method(name)),
            _ => None,
        }
    }

    /// Appends the value as text: numbers in decimal, a boolean as 1 or 0, bytes as they are.
    pub fn write(&self, to: &mut Vec<u8>) {
        match self {
            Sample::Bool(value) => to.push(if *value { b'1' } else { b'0' }),
            Sample::Integer(value) => decimal(*value, to),
            Sample::Ip(ip) => to.extend_from_slice(Digits::ip(*ip).as_bytes()),
            Sample::Text(bytes) | Sample::Binary(bytes) | Sample::Method(bytes) => {
                to.extend_from_slice(bytes);
            }
        }
    }
}

/// Returns the bytes up to the first NUL, which is where HAProxy ends a text.
fn before_nul(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match (memchr::memchr(0, &bytes), bytes) {
        (None, bytes) => bytes,
        (Some(end), Cow::Borrowed(bytes)) => Cow::Borrowed(&bytes[..end]),
        (Some(end), Cow::Owned(mut bytes)) => {
            bytes.truncate(end);
            Cow::Owned(bytes)
        }
    }
}

/// Returns the number at the beginning of a text, 0 if there is none; `None` for an empty text.
fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [] => return None,
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let value = digits.fold(0_i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        let value = value.saturating_mul(10);
        if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) }
    });
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Type; 6] = [Type::Bool, Type::Integer, Type::Ip, Type::Text, Type::Binary, Type::Method];

    fn samples() -> [Sample<'static>; 7] {
        [
            Sample::Bool(true),
            Sample::Integer(-7),
            Sample::Ip(Ipv4Addr::LOCALHOST.into()),
            Sample::Ip("2001:db8::1".parse::<IpAddr>().unwrap()),
            Sample::Text(b"1.2.3.4"[..].into()),
            Sample::Binary(b"a\0b"[..].into()),
            Sample::Method(b"GET"[..].into()),
        ]
    }

    #[test]
    fn what_cannot_be_cast_is_known_beforehand() {
        for sample in samples() {
            for to in ALL {
                let shown = format!("{sample:?} to {to}");
                let from = match sample {
                    Sample::Ip(IpAddr::V4(_)) => Type::Ipv4,
                    _ => sample.kind(),
                };
                match sample.clone().cast(to) {
                    Some(cast) => {
                        assert_eq!(cast.kind(), to, "{shown}");
                        assert!(from.casts_to(to), "{shown}");
                    }
                    None => assert!(!from.casts_to(to), "{shown}"),
                }
            }
            assert_eq!(sample.clone().cast(Type::Any), Some(sample));
        }
    }

    #[test]
    fn values() {
        let number = |text: &str| Sample::Text(text.as_bytes().to_vec().into()).cast(Type::Integer);
        for (text, value) in
            [("12", 12), ("-12x", -12), ("+3", 3), ("x", 0), ("99999999999999999999", i64::MAX)]
        {
            assert_eq!(number(text), Some(Sample::Integer(value)), "{text}");
        }
        assert_eq!(number(""), None);
        for (sample, text) in
            samples().iter().zip(["1", "-7", "127.0.0.1", "2001:db8::1", "1.2.3.4", "a", "GET"])
        {
            assert_eq!(sample.clone().cast(Type::Text), Some(Sample::Text(text.as_bytes().into())));
            if sample.kind() != Type::Binary {
                let mut written = Vec::new();
                sample.write(&mut written);
                assert_eq!(written, text.as_bytes());
            }
        }
        let ip = Sample::Integer(0x7f00_0001).cast(Type::Ip);
        assert_eq!(ip, Some(Sample::Ip(Ipv4Addr::LOCALHOST.into())));
        assert_eq!(ip.unwrap().cast(Type::Integer), Some(Sample::Integer(0x7f00_0001)));
    }
}
