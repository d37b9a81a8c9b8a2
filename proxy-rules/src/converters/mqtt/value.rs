//! Values of the fields and properties of a packet.

use std::ops::Range;

/// The value of a field or of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A number of one to four bytes.
    Number(u32),
    /// A text or bytes, as their range in the packet.
    Bytes(Range<usize>),
}
