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
    /// Returns a number that no other place has. The numbers of a frontend's places have no large gaps.
    pub(super) fn number(self) -> usize {
        let (side, index) = match self {
            CapturePlace::Cookie(side) => (side, 0),
            CapturePlace::Slot(side, index) => (side, index as usize + 1),
        };
        index << 1 | usize::from(side == Side::Response)
    }
}
