//! How far a reader came.

/// What a reader makes of all bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// More bytes could make it what is looked for.
    NeedMore,
    /// It is something else, whatever follows.
    Other,
    /// What was looked for, complete.
    Done(T),
}

impl<T> Progress<T> {
    /// What is there.
    pub fn done(self) -> Option<T> {
        match self {
            Progress::Done(found) => Some(found),
            Progress::NeedMore | Progress::Other => None,
        }
    }

    /// Something else made of what is there.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Progress<U> {
        match self {
            Progress::NeedMore => Progress::NeedMore,
            Progress::Other => Progress::Other,
            Progress::Done(found) => Progress::Done(change(found)),
        }
    }

    /// Whether more bytes are needed.
    pub fn needs_more(&self) -> bool {
        matches!(self, Progress::NeedMore)
    }
}
