//! Places of captured values.

use super::Side;

/// A slot or a captured cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapturePlace {
    /// A slot, by its number.
    Slot(Side, u32),
    /// The captured cookie.
    Cookie(Side),
}

impl CapturePlace {
    /// Returns a number that no other place has.
    pub(crate) fn number(self) -> u64 {
        let (side, index) = match self {
            CapturePlace::Cookie(side) => (side, 0),
            CapturePlace::Slot(side, index) => (side, u64::from(index) + 1),
        };
        index << 1 | u64::from(side == Side::Response)
    }
}
