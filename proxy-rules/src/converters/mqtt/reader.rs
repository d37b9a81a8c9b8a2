//! The types of which packets are made (MQTT 5.0, 1.5).

use std::ops::Range;

/// What is left of some bytes, and where in them it stands.
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

    /// A number of some bytes, four at most.
    pub(super) fn number(&mut self, size: usize) -> Option<u32> {
        let place = self.take(size)?;
        Some(self.bytes[place].iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// A number of up to four bytes with seven bits each, of which all but the last have the eighth one; `None` if no
    /// last one is among them, or the bytes end before it.
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

    /// Where a text stands, which has its length in two bytes before it.
    pub(super) fn text(&mut self) -> Option<Range<usize>> {
        let length = self.number(2)?;
        self.take(length as usize)
    }

    /// A reader of the next bytes alone, which are skipped here.
    pub(super) fn part(&mut self, length: usize) -> Option<Reader<'a>> {
        let place = self.take(length)?;
        Some(Reader { bytes: &self.bytes[..place.end], at: place.start })
    }

    /// The bytes at a place.
    pub(super) fn bytes(&self, place: Range<usize>) -> &'a [u8] {
        &self.bytes[place]
    }
}
