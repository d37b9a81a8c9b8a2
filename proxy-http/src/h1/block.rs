//! A block of fields: scanned, checked, and put into an index.

use super::elements;
use super::error::{Fault, HeadErrorKind};
use super::facts::{Facts, FieldHandling, Part};
use super::limits::Limits;
use super::scan::{Scanned, Scanner};
use crate::fields::Entry;

/// The most bytes of a name. No known name is longer, and some servers would truncate it.
const NAME_LIMIT: usize = 255;

/// A block of fields that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    scanner: Scanner,
    pub(super) facts: Facts,
    /// Whether everything read so far will be written unchanged.
    pub(super) is_plain: bool,
}

impl Block {
    pub(super) fn new(part: Part, lax: bool) -> Block {
        Block { scanner: Scanner::default(), facts: Facts::new(part, lax), is_plain: true }
    }

    /// Goes on at `at`. Returns whether the block is complete.
    pub(super) fn next(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        index: &mut Vec<Entry>,
        limits: &Limits,
    ) -> Result<bool, Fault> {
        loop {
            let found = match self.scanner.next(bytes, at, limits.accept_unsafe)? {
                Scanned::More => return Ok(false),
                Scanned::Field(found) => found,
                Scanned::End { is_plain } => {
                    self.is_plain &= is_plain;
                    return Ok(true);
                }
            };
            if !found.is_token {
                self.is_plain = false;
                continue;
            }
            if found.entry.name.of(bytes).len() > NAME_LIMIT {
                return Err((HeadErrorKind::FieldName, found.entry.name.start()));
            }
            let handling = self.facts.field(bytes, found.entry, index.len())?;
            self.is_plain &= found.is_plain && matches!(handling, FieldHandling::Keep);
            let entry = match handling {
                FieldHandling::Keep | FieldHandling::Rewrite => found.entry,
                FieldHandling::Change(value) => Entry { value, ..found.entry },
                FieldHandling::Drop => continue,
            };
            // The end of the block counts as a field.
            if index.len() + 1 >= limits.fields {
                return Err((HeadErrorKind::TooManyFields, entry.name.start()));
            }
            index.push(entry);
        }
    }

    /// Ends the block after its last field: removes `content-length` if `transfer-encoding` overrides it.
    pub(super) fn settle(&mut self, bytes: &[u8], index: &mut Vec<Entry>, is_11: bool) -> Result<(), Fault> {
        if self.facts.settle(is_11)? {
            self.remove(bytes, index, b"content-length");
        }
        Ok(())
    }

    /// Removes all fields with a name.
    pub(super) fn remove(&mut self, bytes: &[u8], index: &mut Vec<Entry>, name: &[u8]) {
        let before = index.len();
        index.retain(|entry| entry.name.of(bytes) != name);
        self.is_plain &= index.len() == before;
    }
}

impl Block {
    /// Removes `upgrade` without `connection: upgrade`, and the other way round.
    pub(super) fn match_upgrade(&mut self, bytes: &mut [u8], index: &mut Vec<Entry>) {
        match (self.facts.connection_upgrade, self.facts.upgrade) {
            (false, true) => {
                self.remove(bytes, index, b"upgrade");
                self.facts.upgrade = false;
            }
            (true, false) => {
                index.retain_mut(|entry| {
                    if entry.name.of(bytes) == b"connection" {
                        let keep = |element: &[u8]| !element.eq_ignore_ascii_case(b"upgrade");
                        entry.value = elements::retain(bytes, entry.value, keep);
                        return !entry.value.is_empty();
                    }
                    true
                });
                self.facts.connection_upgrade = false;
                self.is_plain = false;
            }
            _ => {}
        }
    }
}
