//! How far a reader got with the bytes so far.

/// What a reader answers that gets all bytes received so far, each time from the first on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// They may be the beginning of a header.
    NeedMore {
        /// At least as many more bytes are needed. Whoever reads no more than these reads nothing that follows the
        /// header, unless that lies about its length.
        at_least: usize,
    },
    /// The header is complete.
    Done {
        /// Bytes that belong to it. What follows belongs to the connection.
        length: usize,
        /// What it says.
        header: T,
    },
}

impl<T> Progress<T> {
    pub(crate) fn need(at_least: usize) -> Self {
        Progress::NeedMore { at_least: at_least.max(1) }
    }
}
