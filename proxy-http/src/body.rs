//! The length of a body, as far as it is known in advance.

/// The length of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body.
    Empty,
    /// This many bytes, which may be 0.
    Known(u64),
    /// Not known in advance; trailers may follow.
    Unknown,
}

impl BodyLength {
    /// Returns whether nothing follows the head.
    pub fn is_empty(self) -> bool {
        matches!(self, BodyLength::Empty | BodyLength::Known(0))
    }
}
