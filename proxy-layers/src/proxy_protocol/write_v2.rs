//! Writes version 2, with its values in HAProxy's order.

use std::net::SocketAddr;

use proto_core::address::Address;

use super::read_v2::{FIXED, SIGNATURE, TCP4, TCP6};
use super::tlv::{OVERHEAD, kind};
use super::write_v1::as_ipv6;

const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
const UNSPECIFIED: u8 = 0;
/// The flags in [`kind::SSL`]: the client uses TLS; it sent a certificate in this connection; in this session.
const CLIENT_TLS: u8 = 0x01;
const CERTIFICATE_CONNECTION: u8 = 0x02;
const CERTIFICATE_SESSION: u8 = 0x04;

/// The values of a header besides the addresses. A value that is `None` is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// Types and values of `set-proxy-v2-tlv-fmt`, in the order of the configuration.
    pub configured: &'a [(u8, &'a [u8])],
    /// Whether to add a checksum (`proxy-v2-options crc32c`).
    pub crc32c: bool,
    /// The protocol that TLS negotiated with the client; HAProxy needs no option for it.
    pub alpn: Option<&'a [u8]>,
    /// The name that the client asked for (`authority`): from its own PROXY header, else its SNI.
    pub authority: Option<&'a [u8]>,
    /// The unique ID (`unique-id`), empty if the frontend has no format for it.
    pub unique_id: Option<&'a [u8]>,
    /// The facts about the client's TLS (`ssl` and `send-proxy-v2-ssl`).
    pub tls: Option<Tls<'a>>,
    /// The network namespace of the client's connection.
    pub netns: Option<&'a [u8]>,
}

/// The facts about the client's TLS. The default is that of a client without TLS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tls<'a> {
    /// Whether the client uses TLS. If not, none of the other facts is sent.
    pub used: bool,
    /// Whether it sent a certificate in this connection.
    pub certificate_in_connection: bool,
    /// Whether it sent a certificate in this session, perhaps in an earlier connection of the session.
    pub certificate_in_session: bool,
    /// The result of the certificate's verification, 0 if it succeeded; sent only with a certificate.
    pub verify: u32,
    /// The version of TLS.
    pub version: Option<&'a [u8]>,
    /// The common name in its certificate (`cert-cn`).
    pub common_name: Option<&'a [u8]>,
    /// The algorithm of the certificate's key (`cert-key`).
    pub key_algorithm: Option<&'a [u8]>,
    /// The algorithm of the certificate's signature (`cert-sig`).
    pub signature_algorithm: Option<&'a [u8]>,
    /// The cipher (`ssl-cipher`).
    pub cipher: Option<&'a [u8]>,
}

/// The error of a header that does not fit, so that none can be sent to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the PROXY header is longer than {limit} bytes")]
pub struct NoRoom {
    limit: usize,
}

/// Returns the header with these addresses and extras, of at most `limit` bytes.
///
/// If an address is missing or is no Internet address, the header is LOCAL, as for connections that the proxy makes
/// for itself. If the families differ, both become IPv6. A value that no longer fits is left out, as HAProxy does.
///
/// # Errors
/// Returns an error if the remaining room is too small even for an empty value.
pub fn write_v2(
    source: Option<&Address>,
    destination: Option<&Address>,
    extras: &Extras<'_>,
    limit: usize,
) -> Result<Vec<u8>, NoRoom> {
    // The field for the length is a limit, too.
    let limit = limit.min(FIXED + usize::from(u16::MAX));
    let mut writer = Writer { bytes: Vec::with_capacity(128), limit };
    writer.addresses(source.and_then(Address::known_as), destination.and_then(Address::known_as))?;
    for (kind, value) in extras.configured {
        if !value.is_empty() {
            writer.room(OVERHEAD)?;
        }
        writer.value(*kind, value);
    }
    let mut checksum = None;
    if extras.crc32c {
        writer.room(OVERHEAD + 4)?;
        writer.value(kind::CRC32C, &[0; 4]);
        checksum = Some(writer.bytes.len() - 4);
    }
    writer.optional(kind::ALPN, extras.alpn)?;
    writer.optional(kind::AUTHORITY, extras.authority)?;
    writer.optional(kind::UNIQUE_ID, extras.unique_id)?;
    if let Some(tls) = &extras.tls {
        writer.tls(tls)?;
    }
    writer.optional(kind::NETNS, extras.netns)?;
    let mut bytes = writer.bytes;
    let length = u16::try_from(bytes.len() - FIXED).map_err(|_| NoRoom { limit })?;
    bytes[FIXED - 2..FIXED].copy_from_slice(&length.to_be_bytes());
    if let Some(at) = checksum {
        let crc = crc32c::crc32c(&bytes);
        bytes[at..at + 4].copy_from_slice(&crc.to_be_bytes());
    }
    Ok(bytes)
}

struct Writer {
    bytes: Vec<u8>,
    limit: usize,
}

impl Writer {
    fn left(&self) -> usize {
        self.limit.saturating_sub(self.bytes.len())
    }

    fn room(&self, length: usize) -> Result<(), NoRoom> {
        if self.left() < length { Err(NoRoom { limit: self.limit }) } else { Ok(()) }
    }

    fn addresses(
        &mut self,
        source: Option<SocketAddr>,
        destination: Option<SocketAddr>,
    ) -> Result<(), NoRoom> {
        self.bytes.extend(SIGNATURE);
        match (source, destination) {
            (Some(SocketAddr::V4(source)), Some(SocketAddr::V4(destination))) => {
                self.bytes.extend([PROXY, TCP4, 0, 0]);
                self.bytes.extend(source.ip().octets());
                self.bytes.extend(destination.ip().octets());
                self.ports(source.port(), destination.port());
            }
            (Some(source), Some(destination)) => {
                self.bytes.extend([PROXY, TCP6, 0, 0]);
                self.bytes.extend(as_ipv6(source.ip()).octets());
                self.bytes.extend(as_ipv6(destination.ip()).octets());
                self.ports(source.port(), destination.port());
            }
            _ => self.bytes.extend([LOCAL, UNSPECIFIED, 0, 0]),
        }
        if self.bytes.len() > self.limit { Err(NoRoom { limit: self.limit }) } else { Ok(()) }
    }

    fn ports(&mut self, source: u16, destination: u16) {
        self.bytes.extend(source.to_be_bytes());
        self.bytes.extend(destination.to_be_bytes());
    }

    fn optional(&mut self, kind: u8, value: Option<&[u8]>) -> Result<(), NoRoom> {
        if let Some(value) = value {
            self.room(OVERHEAD)?;
            self.value(kind, value);
        }
        Ok(())
    }

    /// Adds a value if it fits.
    fn value(&mut self, kind: u8, value: &[u8]) {
        if let Ok(length) = u16::try_from(value.len())
            && value.len() + OVERHEAD <= self.left()
        {
            self.bytes.push(kind);
            self.bytes.extend(length.to_be_bytes());
            self.bytes.extend(value);
        }
    }

    fn tls(&mut self, tls: &Tls<'_>) -> Result<(), NoRoom> {
        let start = self.bytes.len();
        self.room(OVERHEAD + 5)?;
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let mut client = 0;
        let mut verify = 0;
        if tls.used {
            client |= CLIENT_TLS;
            if tls.certificate_in_session {
                client |= CERTIFICATE_SESSION | flag(tls.certificate_in_connection, CERTIFICATE_CONNECTION);
                verify = tls.verify;
            }
        }
        self.bytes.extend([kind::SSL, 0, 0, client]);
        self.bytes.extend(verify.to_be_bytes());
        if tls.used {
            for (kind, value) in [
                (kind::SSL_VERSION, tls.version),
                (kind::SSL_CN, tls.common_name),
                (kind::SSL_KEY_ALG, tls.key_algorithm),
                (kind::SSL_SIG_ALG, tls.signature_algorithm),
                (kind::SSL_CIPHER, tls.cipher),
            ] {
                if let Some(value) = value {
                    self.value(kind, value);
                }
            }
        }
        let length = u16::try_from(self.bytes.len() - start - OVERHEAD);
        let length = length.map_err(|_| NoRoom { limit: self.limit })?;
        self.bytes[start + 1..start + OVERHEAD].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}
