//! Taking a part of some bytes without a copy.

use std::borrow::Cow;
use std::ops::Range;

/// Returns the bytes in a range: borrowed ones are not copied, in owned ones they move to the front.
pub(super) fn part(bytes: Cow<'_, [u8]>, place: Range<usize>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[place]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(place.end);
            bytes.drain(..place.start);
            Cow::Owned(bytes)
        }
    }
}
