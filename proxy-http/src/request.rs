//! The head of a request.

use crate::fields::{Fields, Piece, TooLarge};
use crate::method::Method;
use crate::version::Version;
use crate::wire::Wire;

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Piece,
    pub(crate) target: Piece,
    pub(crate) version: Version,
    /// The fields. Start line and fields share one arena.
    pub(crate) fields: Fields,
    /// The bytes that writing the head would result in, as long as nothing is changed; set by a codec.
    pub(crate) wire: Option<Wire>,
}

impl Request {
    /// Creates an empty request, to be filled.
    pub fn new() -> Request {
        Request {
            method: Piece::default(),
            target: Piece::default(),
            version: Version::HTTP_11,
            fields: Fields::default(),
            wire: None,
        }
    }

    /// Returns the method.
    pub fn method(&self) -> Method {
        Method::of(self.method_name())
    }

    /// Returns the name of the method.
    pub fn method_name(&self) -> &[u8] {
        self.method.of(self.fields.arena())
    }

    /// Returns the target as it is in the request line: a path with a query, an absolute URI, an authority or `*`.
    pub fn target(&self) -> &[u8] {
        self.target.of(self.fields.arena())
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

    /// Changes the method.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded.
    pub fn set_method(&mut self, name: &[u8]) -> Result<(), TooLarge> {
        self.fields.reserve(name.len())?;
        self.method = self.fields.append(name);
        self.fields.touch();
        Ok(())
    }

    /// Changes the target.
    ///
    /// # Errors
    /// Returns an error if the limit is exceeded.
    pub fn set_target(&mut self, target: &[u8]) -> Result<(), TooLarge> {
        self.fields.reserve(target.len())?;
        self.target = self.fields.append(target);
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

    /// Makes the request empty; the memory is kept unless it is more than most requests need.
    pub fn trim(&mut self) {
        self.fields.trim();
        self.clear();
    }

    /// Makes the request empty, and keeps no memory.
    pub fn release(&mut self) {
        self.fields.release();
        self.clear();
    }

    /// Makes the request empty; the memory is kept.
    pub fn clear(&mut self) {
        self.fields.clear();
        (self.method, self.target, self.wire) = (Piece::default(), Piece::default(), None);
        self.version = Version::HTTP_11;
    }
}

impl Default for Request {
    fn default() -> Request {
        Request::new()
    }
}
