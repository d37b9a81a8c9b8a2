//! The values of version 2: a type, a length, and as many bytes.

/// The types that have a name.
pub mod kind {
    /// The application protocol, as TLS negotiated it.
    pub const ALPN: u8 = 0x01;
    /// The host name that the client asked for.
    pub const AUTHORITY: u8 = 0x02;
    /// A checksum over the header, calculated with zero in its place.
    pub const CRC32C: u8 = 0x03;
    /// Padding, without a meaning.
    pub const NOOP: u8 = 0x04;
    /// An identifier of the connection.
    pub const UNIQUE_ID: u8 = 0x05;
    /// The facts about the TLS of the client's connection: five bytes, then values of its own.
    pub const SSL: u8 = 0x20;
    /// In [`SSL`]: the version of TLS.
    pub const SSL_VERSION: u8 = 0x21;
    /// In [`SSL`]: the common name in the client's certificate.
    pub const SSL_CN: u8 = 0x22;
    /// In [`SSL`]: the cipher.
    pub const SSL_CIPHER: u8 = 0x23;
    /// In [`SSL`]: the signature algorithm of the proxy's certificate.
    pub const SSL_SIG_ALG: u8 = 0x24;
    /// In [`SSL`]: the algorithm of the key of the proxy's certificate.
    pub const SSL_KEY_ALG: u8 = 0x25;
    /// The network namespace.
    pub const NETNS: u8 = 0x30;

    /// The names that `fc_pp_tlv` takes instead of a number, case-insensitive.
    pub const NAMES: [(&str, u8); 12] = [
        ("ALPN", ALPN),
        ("AUTHORITY", AUTHORITY),
        ("CRC32C", CRC32C),
        ("NOOP", NOOP),
        ("UNIQUE_ID", UNIQUE_ID),
        ("SSL", SSL),
        ("SSL_VERSION", SSL_VERSION),
        ("SSL_CN", SSL_CN),
        ("SSL_CIPHER", SSL_CIPHER),
        ("SSL_SIG_ALG", SSL_SIG_ALG),
        ("SSL_KEY_ALG", SSL_KEY_ALG),
        ("NETNS", NETNS),
    ];

    /// Returns the type with this number, written as in C: decimal, hexadecimal after `0x`, octal after `0`.
    pub fn number(text: &str) -> Option<u8> {
        let (digits, radix) = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&text[2..], 16),
            [b'0', _, ..] => (&text[1..], 8),
            _ => (text, 10),
        };
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u8::from_str_radix(digits, radix).ok().filter(|_| are_digits)
    }
}

/// The bytes of type and length.
pub(super) const OVERHEAD: usize = 3;

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The type.
    pub kind: u8,
    /// The value.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Returns the first value of `bytes`, and what follows it; `None` if it is cut off.
    pub(super) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&[kind, high, low], rest) = bytes.split_first_chunk::<OVERHEAD>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        Some((Self { kind, value }, rest))
    }
}

/// An iterator over values one after the other. Those of [`kind::SSL`] are in its value after the first five bytes.
///
/// It ends at the first value that is cut off; a header that was accepted has none.
#[derive(Clone, Debug)]
pub struct Tlvs<'a>(&'a [u8]);

impl<'a> Tlvs<'a> {
    /// Returns the values in `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (tlv, rest) = Tlv::first(self.0)?;
        self.0 = rest;
        Some(tlv)
    }
}
