//! Extensions of a ClientHello (RFC 8446, 4.2): a type (2), a length (2) and a body each.

use crate::cursor::Cursor;

/// The types of extensions that are parsed.
pub(super) mod kind {
    pub(in super::super) const SERVER_NAME: u16 = 0;
    pub(in super::super) const SUPPORTED_GROUPS: u16 = 10;
    pub(in super::super) const POINT_FORMATS: u16 = 11;
    pub(in super::super) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(in super::super) const PROTOCOL_NAMES: u16 = 16;
    pub(in super::super) const SESSION_TICKET: u16 = 35;
    pub(in super::super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(in super::super) const KEY_SHARE: u16 = 51;
}

/// An extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type, from IANA's registry "TLS ExtensionType Values".
    pub kind: u16,
    /// Its body.
    pub body: &'a [u8],
}

/// An iterator over extensions in the order of the message. It ends at the first one that extends past the end of the
/// message.
#[derive(Clone, Copy, Debug)]
pub struct Extensions<'a>(Cursor<'a>);

impl<'a> Extensions<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Extensions<'a> {
        Extensions(Cursor(bytes))
    }

    /// Returns the body of the first extension of a type.
    pub fn find(mut self, kind: u16) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |extension| extension.kind == kind).map(|extension| extension.body)
    }

    /// Returns whether all bytes belong to complete extensions.
    pub fn are_sound(mut self) -> bool {
        self.by_ref().for_each(drop);
        self.0.0.is_empty()
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Extension<'a>> {
        let mut rest = self.0;
        let extension = Extension { kind: rest.number()?, body: rest.vector()? };
        self.0 = rest;
        Some(extension)
    }
}
