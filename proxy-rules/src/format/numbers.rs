//! Numbers and addresses as text, without the machinery of `fmt`: a log line has thirty of them.

use std::io::Write as _;
use std::net::IpAddr;

use proxy_http::hex::upper_digit;

/// The length of the longest text: an IPv6 address that ends like an IPv4 one.
const LONGEST: usize = 46;

/// A short text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits {
    bytes: [u8; LONGEST],
    length: usize,
}

/// Appends a number.
pub(crate) fn decimal(value: i64, to: &mut Vec<u8>) {
    to.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

impl Digits {
    fn new() -> Digits {
        Digits { bytes: [0; LONGEST], length: 0 }
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Creates the text of a number.
    pub(crate) fn of(value: i64) -> Digits {
        let mut digits = Digits::new();
        digits.push(itoa::Buffer::new().format(value).as_bytes());
        digits
    }

    /// Creates the text of a number in upper-case hexadecimal digits, with a minimum of digits.
    pub(crate) fn hexadecimal(value: u64, least: usize) -> Digits {
        let mut digits = Digits::new();
        let used = (64 - value.leading_zeros() as usize).div_ceil(4);
        for place in (0..used.max(least)).rev() {
            // Numbers have at most 16 digits; zeros precede them.
            let digit = if place < 16 { (value >> (4 * place)) as u8 } else { 0 };
            digits.push(&[upper_digit(digit)]);
        }
        digits
    }

    /// Creates the text of an address in hexadecimal digits, the most significant ones first.
    pub(crate) fn hexadecimal_ip(ip: IpAddr) -> Digits {
        match ip {
            IpAddr::V4(ip) => Digits::hexadecimal(ip.to_bits().into(), 8),
            IpAddr::V6(ip) => {
                let mut digits = Digits::new();
                for segment in ip.segments() {
                    digits.push(Digits::hexadecimal(segment.into(), 4).as_bytes());
                }
                digits
            }
        }
    }

    /// Creates the text of an address.
    pub(crate) fn ip(ip: IpAddr) -> Digits {
        let mut digits = Digits::new();
        match ip {
            IpAddr::V4(ip) => {
                let mut buffer = itoa::Buffer::new();
                for (index, octet) in ip.octets().into_iter().enumerate() {
                    if index > 0 {
                        digits.push(b".");
                    }
                    digits.push(buffer.format(octet).as_bytes());
                }
            }
            IpAddr::V6(ip) => {
                let mut rest = &mut digits.bytes[..];
                // There is room for the longest address.
                let _ = write!(rest, "{ip}");
                digits.length = LONGEST - rest.len();
            }
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses() {
        let text = |digits: Digits| String::from_utf8(digits.as_bytes().to_vec()).unwrap();
        for value in [0, 7, -1, i64::MAX, i64::MIN] {
            assert_eq!(text(Digits::of(value)), value.to_string());
        }
        for (value, least, shown) in
            [(0, 0, ""), (0, 2, "00"), (255, 4, "00FF"), (u64::MAX, 4, "FFFFFFFFFFFFFFFF")]
        {
            assert_eq!(text(Digits::hexadecimal(value, least)), shown);
        }
        for ip in ["0.0.0.0", "255.255.255.255", "192.0.2.7", "::", "2001:db8::1", "::ffff:192.168.100.228"] {
            assert_eq!(text(Digits::ip(ip.parse().unwrap())), ip);
        }
        let all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assert_eq!(text(Digits::ip(all.parse().unwrap())), all);
        assert_eq!(text(Digits::hexadecimal_ip("192.0.2.7".parse().unwrap())), "C0000207");
        assert_eq!(
            text(Digits::hexadecimal_ip("2001:db8::1".parse().unwrap())),
            "20010DB8000000000000000000000001"
        );
    }
}
