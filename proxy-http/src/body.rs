//! What is known of a body before it comes.

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is none.
    Empty,
    /// So many bytes, which may be 0.
    Known(u64),
    /// As long as it turns out to be; trailers may follow.
    Unknown,
}

impl BodyLength {
    /// Whether nothing follows the head.
    pub fn is_empty(self) -> bool {
        matches!(self, BodyLength::Empty | BodyLength::Known(0))
    }
}
