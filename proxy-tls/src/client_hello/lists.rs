//! Lists in a ClientHello.

use crate::cursor::Cursor;

/// An iterator over numbers of two bytes: cipher suites, groups, signature algorithms.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Numbers<'a> {
        Numbers(bytes)
    }

    /// Returns the numbers as bytes; the last one is half a number if there is an odd number of bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl Iterator for Numbers<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }
}

/// An iterator over names of protocols, each with its length before it. It ends at the first truncated one.
#[derive(Clone, Copy, Debug)]
pub struct ProtocolNames<'a>(Cursor<'a>);

impl<'a> ProtocolNames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> ProtocolNames<'a> {
        ProtocolNames(Cursor(bytes))
    }
}

impl<'a> Iterator for ProtocolNames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.short_vector()
    }
}

/// A key share of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShare<'a> {
    /// The group of the key.
    pub group: u16,
    /// The key.
    pub key: &'a [u8],
}

/// An iterator over the client's key shares. It ends at the first truncated one.
#[derive(Clone, Copy, Debug)]
pub struct KeyShares<'a>(Cursor<'a>);

impl<'a> KeyShares<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> KeyShares<'a> {
        KeyShares(Cursor(bytes))
    }
}

impl<'a> Iterator for KeyShares<'a> {
    type Item = KeyShare<'a>;

    fn next(&mut self) -> Option<KeyShare<'a>> {
        Some(KeyShare { group: self.0.number()?, key: self.0.vector()? })
    }
}
