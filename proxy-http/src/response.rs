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
    /// The fields. Start line and fields share one arena.
    pub(crate) fields: Fields,
    /// The bytes that writing the head would result in, as long as nothing is changed; set by a codec.
    pub(crate) wire: Option<Wire>,
}

impl Response {
    /// Creates an empty response, to be filled.
    pub fn new() -> Response {
        Response {
            status: 0,
            reason: Piece::default(),
            version: Version::HTTP_11,
            fields: Fields::default(),
            wire: None,
        }
    }

    /// Returns the status code: 100 to 999.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns whether another response to the same request follows.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// Returns the reason phrase.
    pub fn reason(&self) -> &[u8] {
        self.reason.of(self.fields.arena())
    }

    /// Returns the version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Returns the fields, for changes.
    pub fn fields_mut(&mut self) -> &mut Fields {
        &mut self.fields
    }

    /// Changes the status and its reason phrase.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded.
    pub fn set_status(&mut self, status: u16, reason: &[u8]) -> Result<(), TooLarge> {
        self.fields.reserve(reason.len())?;
        self.reason = self.fields.append(reason);
        self.status = status;
        self.fields.touch();
        Ok(())
    }

    /// Returns the bytes that writing it to an HTTP/1 peer would result in, if it came from one and is unchanged.
    pub fn wire(&self) -> Option<&[u8]> {
        self.unchanged_wire().map(|wire| wire.bytes.of(self.fields.arena()))
    }

    /// Returns the unchanged bytes, unless anything was changed.
    pub(crate) fn unchanged_wire(&self) -> Option<Wire> {
        self.wire.filter(|_| !self.fields.is_touched())
    }

    /// Makes the response empty; the memory is kept unless it is more than most responses need.
    pub fn trim(&mut self) {
        self.fields.trim();
        self.clear();
    }

    /// Makes the response empty; the memory is kept.
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
