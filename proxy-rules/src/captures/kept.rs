//! The captured values of an exchange, each in its place. Their number and their lengths are the frontend's:
//! [`CapturePolicy`](super::CapturePolicy).

use super::CapturePlace;

/// The maximum size of the memory of a value that is kept for the next exchange, in bytes.
const KEPT: usize = 512;

/// Captured values. The memory of small ones is used again.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    /// By the numbers of the places.
    values: Vec<Value>,
}

#[derive(Debug, Default)]
struct Value {
    is_captured: bool,
    bytes: Vec<u8>,
}

impl Captures {
    /// Returns the value of a place.
    pub(crate) fn get(&self, place: CapturePlace) -> Option<&[u8]> {
        let value = self.values.get(place.number()).filter(|value| value.is_captured)?;
        Some(&value.bytes)
    }

    /// Captures a text, up to a maximum length. As in HAProxy, it ends at the first NUL.
    pub(crate) fn keep(&mut self, place: CapturePlace, text: &[u8], most: usize) {
        let end = memchr::memchr(0, text).unwrap_or(text.len());
        let number = place.number();
        if self.values.len() <= number {
            self.values.resize_with(number + 1, Value::default);
        }
        let value = &mut self.values[number];
        value.is_captured = true;
        value.bytes.clear();
        value.bytes.extend_from_slice(&text[..end.min(most)]);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.iter().all(|value| !value.is_captured)
    }

    /// Removes all values.
    pub(crate) fn clear(&mut self) {
        for value in &mut self.values {
            value.is_captured = false;
            value.bytes.clear();
            if value.bytes.capacity() > KEPT {
                value.bytes = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

    #[test]
    fn each_place_has_its_own_room() {
        let place = |index| CapturePlace::Slot(Side::Request, index);
        let mut captures = Captures::default();
        // More than variables of a scope, and more bytes than they may have.
        for index in 0..300 {
            captures.keep(place(index), &vec![b'a'; 1000], 600 + index as usize);
        }
        captures.keep(CapturePlace::Cookie(Side::Response), b"c\0d", 10);
        for index in 0..300 {
            assert_eq!(captures.get(place(index)).map(<[u8]>::len), Some(600 + index as usize));
        }
        assert_eq!(captures.get(CapturePlace::Cookie(Side::Response)), Some(&b"c"[..]));
        assert_eq!(captures.get(CapturePlace::Cookie(Side::Request)), None);
        assert_eq!(captures.get(place(300)), None);
        captures.clear();
        assert!(captures.is_empty());
        assert_eq!(captures.get(place(0)), None);
    }
}
