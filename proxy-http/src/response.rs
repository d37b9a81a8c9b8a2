//! The head of a response.

use crate::fields::{Fields, Piece, TooLarge};
use crate::version::Version;
use crate::wire::Wire;

/// The head of a response.
#[derive(Clone, Debug)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) reason: Piece,
    pub(crate) version: Version,
    /// Its fields. Start line and fields share one arena.
    pub(crate) fields: Fields,
    /// The bytes that writing it would give, as long as nothing is changed: set by a codec.
    pub(crate) wire: Option<Wire>,
}

impl Response {
    /// An empty one, to be filled.
    pub fn new() -> Response {
        Response {
            status: 0,
            reason: Piece::default(),
            version: Version::HTTP_11,
            fields: Fields::default(),
            wire: None,
        }
    }

    /// The status code: 100 to 999.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether another response to the same request follows.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// The words behind the status.
    pub fn reason(&self) -> &[u8] {
        self.reason.of(self.fields.arena())
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Its fields, to be changed.
    pub fn fields_mut(&mut self) -> &mut Fields {
        &mut self.fields
    }

    /// Another status, with its words.
    ///
    /// # Errors
    /// When there is no room.
    pub fn set_status(&mut self, status: u16, reason: &[u8]) -> Result<(), TooLarge> {
        self.fields.reserve(reason.len())?;
        self.reason = self.fields.append(reason);
        self.status = status;
        self.fields.touch();
        Ok(())
    }

    /// The bytes that writing it to an HTTP/1 peer would give, if it came from one and nobody has changed it.
    pub fn wire(&self) -> Option<&[u8]> {
        self.unchanged_wire().map(|wire| wire.bytes.of(self.fields.arena()))
    }

    /// The wire, unless anything was changed.
    pub(crate) fn unchanged_wire(&self) -> Option<Wire> {
        self.wire.filter(|_| !self.fields.is_touched())
    }

    /// Empty again; the memory is kept.
    pub fn clear(&mut self) {
        self.fields.clear();
        (self.status, self.reason, self.wire) = (0, Piece::default(), None);
        self.version = Version::HTTP_11;
    }
}

impl Default for Response {
    fn default() -> Response {
        Response::new()
    }
}
