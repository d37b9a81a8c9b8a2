//! The message with which a client begins (RFC 8446, 4.1.2; the same since SSL 3.0).
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

/// The type of handshake message that a ClientHello is.
pub const MESSAGE_TYPE: u8 = 1;

/// The most bytes that the identifier of a session has.
const LONGEST_SESSION: usize = 32;

/// A ClientHello. What it says is borrowed from the body of its message.
///
/// The fixed part is sound. The extensions are read when they are asked for, and what is malformed among them is not
/// there. [`Extensions::are_sound`] finds a hello that has to be refused for it.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// The version that TLS up to 1.2 negotiates; since 1.3 it says 1.2, and [`supported_versions`] more.
    ///
    /// [`supported_versions`]: ClientHello::supported_versions
    pub version: Version,
    /// The client's random bytes.
    pub random: &'a [u8; 32],
    /// The identifier of the session that it would like to resume; may be empty.
    pub session_id: &'a [u8],
    /// The cipher suites, the most wanted first; at least one.
    pub cipher_suites: Numbers<'a>,
    /// The compression methods; at least one.
    pub compression_methods: &'a [u8],
    /// The extensions in their order; `None` if the message ends before them, as it could before TLS 1.3.
    pub extensions: Option<Extensions<'a>>,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a message of the type [`MESSAGE_TYPE`]; `None` if it is none.
    pub fn parse(body: &'a [u8]) -> Option<ClientHello<'a>> {
        let mut rest = Cursor(body);
        let version = Version::from_bytes(*rest.array()?);
        let random = rest.array()?;
        let session_id = rest.short_vector()?;
        let cipher_suites = rest.vector()?;
        let compression_methods = rest.short_vector()?;
        let extensions = if rest.0.is_empty() { None } else { Some(Extensions::new(rest.vector()?)) };
        // HAProxy asks for both bytes to be as high as those of TLS 1.0.
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

    /// The body of the first extension of a type.
    pub fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        self.extensions?.find(kind)
    }

    /// The name of the server that the client wants to reach (RFC 6066, 3), as it came. It is not said to be a host
    /// name.
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut list = Cursor(Cursor(self.extension(kind::SERVER_NAME)?).vector()?);
        // Others than host names were never defined, and one of a type is all there may be.
        match list.byte()? {
            0 => list.vector(),
            _ => None,
        }
    }

    /// The protocols that the client would speak over the connection (RFC 7301), the most wanted first.
    pub fn protocol_names(&self) -> Option<ProtocolNames<'a>> {
        Some(ProtocolNames::new(Cursor(self.extension(kind::PROTOCOL_NAMES)?).vector()?))
    }

    /// The versions that the client speaks (RFC 8446, 4.2.1), the most wanted first.
    pub fn supported_versions(&self) -> Option<impl Iterator<Item = Version> + use<'a>> {
        let list = Cursor(self.extension(kind::SUPPORTED_VERSIONS)?).short_vector()?;
        Some(Numbers::new(list).map(|version| Version::from_bytes(version.to_be_bytes())))
    }

    /// The groups for the exchange of keys (RFC 8446, 4.2.7), the most wanted first.
    pub fn supported_groups(&self) -> Option<Numbers<'a>> {
        self.numbers(kind::SUPPORTED_GROUPS)
    }

    /// The signature algorithms that the client takes (RFC 8446, 4.2.3), the most wanted first.
    pub fn signature_algorithms(&self) -> Option<Numbers<'a>> {
        self.numbers(kind::SIGNATURE_ALGORITHMS)
    }

    /// The client's keys (RFC 8446, 4.2.8).
    pub fn key_shares(&self) -> Option<KeyShares<'a>> {
        Some(KeyShares::new(Cursor(self.extension(kind::KEY_SHARE)?).vector()?))
    }

    /// The forms in which the client takes points of elliptic curves (RFC 8422, 5.1.2).
    pub fn point_formats(&self) -> Option<&'a [u8]> {
        Cursor(self.extension(kind::POINT_FORMATS)?).short_vector()
    }

    /// The ticket of the session that the client would like to resume (RFC 5077); empty if it would take one.
    pub fn session_ticket(&self) -> Option<&'a [u8]> {
        self.extension(kind::SESSION_TICKET)
    }

    /// A list of numbers that has at least one.
    fn numbers(&self, kind: u16) -> Option<Numbers<'a>> {
        let list = Cursor(self.extension(kind)?).vector()?;
        (list.len() >= 2).then(|| Numbers::new(list))
    }
}
