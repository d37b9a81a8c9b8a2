//! The progress of a reader.

/// The result of reading all bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// More bytes are needed to decide.
    NeedMore,
    /// The bytes are something else, whatever follows.
    Other,
    /// The complete value.
    Done(T),
}

impl<T> Progress<T> {
    /// Returns the value, if it is complete.
    pub fn done(self) -> Option<T> {
        match self {
            Progress::Done(found) => Some(found),
            Progress::NeedMore | Progress::Other => None,
        }
    }

    /// Applies a function to the value, if it is complete.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Progress<U> {
        match self {
            Progress::NeedMore => Progress::NeedMore,
            Progress::Other => Progress::Other,
            Progress::Done(found) => Progress::Done(change(found)),
        }
    }

    /// Returns whether more bytes are needed.
    pub fn needs_more(&self) -> bool {
        matches!(self, Progress::NeedMore)
    }
}
