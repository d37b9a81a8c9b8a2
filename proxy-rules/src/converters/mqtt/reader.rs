//! The data types of which packets consist (MQTT 5.0, 1.5).

use std::ops::Range;

/// The remaining part of some bytes, and its position in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn take(&mut self, count: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len())?;
        let taken = self.at..end;
        self.at = end;
        Some(taken)
    }

    /// Reads a number of up to four bytes.
    pub(super) fn number(&mut self, size: usize) -> Option<u32> {
        let place = self.take(size)?;
        Some(self.bytes[place].iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// Reads a number of up to four bytes with seven bits each; all but the last have the eighth bit set. Returns
    /// `None` if none of them is the last, or the bytes end before it.
    pub(super) fn variable_number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.number(1)?;
            number |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a text with a two-byte length before it, and returns its range.
    pub(super) fn text(&mut self) -> Option<Range<usize>> {
        let length = self.number(2)?;
        self.take(length as usize)
    }

    /// Returns a reader of the next bytes alone, which are skipped here.
    pub(super) fn part(&mut self, length: usize) -> Option<Reader<'a>> {
        let place = self.take(length)?;
        Some(Reader { bytes: &self.bytes[..place.end], at: place.start })
    }

    /// Returns the bytes in a range.
    pub(super) fn bytes(&self, place: Range<usize>) -> &'a [u8] {
        &self.bytes[place]
    }
}
