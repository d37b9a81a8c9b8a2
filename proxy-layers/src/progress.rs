//! How far a reader got with the bytes received so far.

/// The result of a reader that gets all bytes received so far, each time from the first one on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// The bytes may be the beginning of a header.
    NeedMore {
        /// The number of further bytes needed at least. A caller that reads no more than these reads nothing that
        /// follows the header, unless the header has a wrong length.
        at_least: usize,
    },
    /// The header is complete.
    Done {
        /// The number of bytes of the header. What follows belongs to the connection.
        length: usize,
        /// The header.
        header: T,
    },
}

impl<T> Progress<T> {
    pub(crate) fn need(at_least: usize) -> Self {
        Progress::NeedMore { at_least: at_least.max(1) }
    }
}
