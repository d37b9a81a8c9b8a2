//! The key, the keyword that sets it, and the scrambling of bytes.

use std::fmt;
use std::io::IoSlice;
use std::sync::Arc;

use proto_core::extension::{Keyword, KeywordError, Scope};
use proto_core::spec::Settings;

use super::counter;

/// The longest key, in bytes: more than a person types, and small enough to keep with every connection.
const LONGEST: usize = 64;

/// The key that both ends have to know.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(Arc<[u8]>);

pub(crate) const KEYWORD: Keyword = Keyword {
    name: "scr-key",
    scope: Scope::Both,
    of: Some(&["scr4", "scr6"]),
    arguments: &["<key>"],
    optional: None,
    help: "the key that scr@ scrambles with; both ends need the same",
    apply: |settings, arguments| {
        settings.extensions.insert(Key::parse(arguments[0], 0)?);
        Ok(())
    },
};

impl Key {
    /// Reads a key from the argument with this index of its keyword.
    pub(super) fn parse(text: &str, argument: usize) -> Result<Key, KeywordError> {
        match text.len() {
            1..=LONGEST => Ok(Key(text.as_bytes().into())),
            _ => {
                let expected = format!("a key of 1 to {LONGEST} bytes");
                Err(KeywordError { argument, found: text.to_owned(), expected })
            }
        }
    }

    /// Returns the key of a line, if it has one.
    pub(super) fn given(settings: &Settings) -> Option<&Key> {
        settings.extensions.get()
    }
}

/// Returns the key of lines without one.
impl Default for Key {
    fn default() -> Key {
        Key(b"braid".as_slice().into())
    }
}

/// Formats the length only: a key must not appear where the settings of a line are printed.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} bytes)", self.0.len())
    }
}

/// The position in both directions of a connection. It moves with the connection.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    key: Key,
    read: u64,
    written: u64,
}

impl Progress {
    /// Returns the state of a new connection.
    pub(super) fn new(key: Key) -> Progress {
        Progress { key, read: 0, written: 0 }
    }

    /// Returns the bytes so far, in both directions.
    pub(super) fn bytes(&self) -> u64 {
        self.read + self.written
    }

    /// Unscrambles bytes that were read.
    pub(super) fn unscramble(&mut self, bytes: &mut [u8]) {
        self.apply(self.read, bytes);
        self.read += bytes.len() as u64;
        counter::count(bytes.len() as u64);
    }

    /// Fills `into` with the scrambled form of as many bytes as fit, and returns their number. The position does not
    /// change before [`wrote`](Self::wrote).
    pub(super) fn scramble(&self, bufs: &[IoSlice<'_>], into: &mut [u8]) -> usize {
        let mut length = 0;
        for buf in bufs {
            let taken = buf.len().min(into.len() - length);
            into[length..length + taken].copy_from_slice(&buf[..taken]);
            length += taken;
        }
        self.apply(self.written, &mut into[..length]);
        length
    }

    /// Advances past this many scrambled bytes, which were written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count as u64;
        counter::count(count as u64);
    }

    fn apply(&self, position: u64, bytes: &mut [u8]) {
        let key = &*self.key.0;
        // Less than the length of a key, so it fits.
        let begin = (position % key.len() as u64) as usize;
        for (byte, key) in bytes.iter_mut().zip(key.iter().cycle().skip(begin)) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use proto_core::extension::Words;

    use super::*;

    fn settings(key: &str) -> Result<Settings, KeywordError> {
        let mut settings = Settings::default();
        (KEYWORD.apply)(&mut settings, &Words::new(&[key]))?;
        Ok(settings)
    }

    #[test]
    fn the_keyword_stores_a_key_in_the_settings() {
        assert_eq!(Key::given(&settings("sesame").unwrap()), Some(&Key(b"sesame".as_slice().into())));
        assert_eq!(Key::given(&Settings::default()), None);
        assert!(!format!("{:?}", settings("sesame").unwrap()).contains("sesame"));
    }

    #[test]
    fn a_bad_key_says_what_was_expected() {
        for bad in [String::new(), "x".repeat(LONGEST + 1)] {
            let error = settings(&bad).unwrap_err();
            assert_eq!((error.argument, error.expected.as_str()), (0, "a key of 1 to 64 bytes"));
        }
    }

    #[test]
    fn bytes_scrambled_in_any_pieces_are_unscrambled() {
        let text = b"the quick brown fox jumps over the lazy dog";
        let mut here = Progress::new(Key::parse("abc", 0).unwrap());
        let mut there = here.clone();
        let mut wire = Vec::new();
        while wire.len() < text.len() {
            let rest = &text[wire.len()..];
            let (one, two) = rest.split_at(rest.len() / 3);
            let mut into = [0; 7];
            let length = here.scramble(&[IoSlice::new(one), IoSlice::new(two)], &mut into);
            assert_eq!(length, rest.len().min(7));
            // As if the socket accepted all but two.
            let taken = length.saturating_sub(2).max(1);
            here.wrote(taken);
            wire.extend_from_slice(&into[..taken]);
        }
        assert_ne!(wire, text);
        wire.chunks_mut(4).for_each(|piece| there.unscramble(piece));
        assert_eq!(wire, text);
        assert_eq!(here.bytes(), there.bytes());
    }
}
