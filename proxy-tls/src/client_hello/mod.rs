//! The first message of a client (RFC 8446, 4.1.2; the same since SSL 3.0).
//!
//! ```text
//! version (2)  random (32)  session (1 + n)  suites (2 + n)  compressions (1 + n)  extensions (2 + n, or none)
//! ```

mod extensions;
mod lists;

pub use extensions::{Extension, Extensions};
pub use lists::{KeyShare, KeyShares, Numbers, ProtocolNames};

use extensions::kind;

use crate::cursor::Cursor;
use crate::version::Version;

/// The handshake message type of a ClientHello.
pub const MESSAGE_TYPE: u8 = 1;

/// The most bytes of the identifier of a session.
const LONGEST_SESSION: usize = 32;

/// A ClientHello, borrowed from the body of its message.
///
/// The fixed part is valid. The extensions are parsed when they are asked for, and a malformed one counts as absent;
/// [`Extensions::are_sound`] detects a hello that has to be refused because of its extensions.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// The version that TLS up to 1.2 negotiates; since 1.3 it is 1.2, and [`supported_versions`] has the others.
    ///
    /// [`supported_versions`]: ClientHello::supported_versions
    pub version: Version,
    /// The client's random bytes.
    pub random: &'a [u8; 32],
    /// The identifier of the session that the client wants to resume; may be empty.
    pub session_id: &'a [u8],
    /// The cipher suites, the most preferred first; at least one.
    pub cipher_suites: Numbers<'a>,
    /// The compression methods; at least one.
    pub compression_methods: &'a [u8],
    /// The extensions in their order; `None` if the message ends before them, as it could before TLS 1.3.
    pub extensions: Option<Extensions<'a>>,
}

impl<'a> ClientHello<'a> {
    /// Parses the body of a message of the type [`MESSAGE_TYPE`]; `None` if it is not a valid ClientHello.
    pub fn parse(body: &'a [u8]) -> Option<ClientHello<'a>> {
        let mut rest = Cursor(body);
        let version = Version::from_bytes(*rest.array()?);
        let random = rest.array()?;
        let session_id = rest.short_vector()?;
        let cipher_suites = rest.vector()?;
        let compression_methods = rest.short_vector()?;
        let extensions = if rest.0.is_empty() { None } else { Some(Extensions::new(rest.vector()?)) };
        // HAProxy requires both bytes to be at least those of TLS 1.0.
        let is_sound = version.major >= Version::TLS_1_0.major
            && version.minor >= Version::TLS_1_0.minor
            && session_id.len() <= LONGEST_SESSION
            && cipher_suites.len() >= 2
            && !compression_methods.is_empty();
        is_sound.then_some(ClientHello {
            version,
            random,
            session_id,
            cipher_suites: Numbers::new(cipher_suites),
            compression_methods,
            extensions,
        })
    }

    /// Returns the body of the first extension of a type.
    pub fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        self.extensions?.find(kind)
    }

    /// Returns the name of the server that the client wants to reach (RFC 6066, 3), unchanged. It may not be a valid
    /// host name.
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut list = Cursor(Cursor(self.extension(kind::SERVER_NAME)?).vector()?);
        // Types other than host names were never defined, and only one name of each type is allowed.
        match list.byte()? {
            0 => list.vector(),
            _ => None,
        }
    }

    /// Returns the application protocols that the client offers (RFC 7301), the most preferred first.
    pub fn protocol_names(&self) -> Option<ProtocolNames<'a>> {
        Some(ProtocolNames::new(Cursor(self.extension(kind::PROTOCOL_NAMES)?).vector()?))
    }

    /// Returns the versions that the client supports (RFC 8446, 4.2.1), the most preferred first.
    pub fn supported_versions(&self) -> Option<impl Iterator<Item = Version> + use<'a>> {
        let list = Cursor(self.extension(kind::SUPPORTED_VERSIONS)?).short_vector()?;
        Some(Numbers::new(list).map(|version| Version::from_bytes(version.to_be_bytes())))
    }

    /// Returns the groups for the key exchange (RFC 8446, 4.2.7), the most preferred first.
    pub fn supported_groups(&self) -> Option<Numbers<'a>> {
        self.numbers(kind::SUPPORTED_GROUPS)
    }

    /// Returns the signature algorithms that the client accepts (RFC 8446, 4.2.3), the most preferred first.
    pub fn signature_algorithms(&self) -> Option<Numbers<'a>> {
        self.numbers(kind::SIGNATURE_ALGORITHMS)
    }

    /// Returns the client's key shares (RFC 8446, 4.2.8).
    pub fn key_shares(&self) -> Option<KeyShares<'a>> {
        Some(KeyShares::new(Cursor(self.extension(kind::KEY_SHARE)?).vector()?))
    }

    /// Returns the formats in which the client accepts points of elliptic curves (RFC 8422, 5.1.2).
    pub fn point_formats(&self) -> Option<&'a [u8]> {
        Cursor(self.extension(kind::POINT_FORMATS)?).short_vector()
    }

    /// Returns the ticket of the session that the client wants to resume (RFC 5077); empty if it asks for a new ticket.
    pub fn session_ticket(&self) -> Option<&'a [u8]> {
        self.extension(kind::SESSION_TICKET)
    }

    /// Returns an extension that is a list of numbers, with at least one.
    fn numbers(&self, kind: u16) -> Option<Numbers<'a>> {
        let list = Cursor(self.extension(kind)?).vector()?;
        (list.len() >= 2).then(|| Numbers::new(list))
    }
}
