//! Filling the slots of a frontend from messages.

use proxy_http::Fields;
use proxy_http::list::trim;

use super::{CapturePlace, CapturePolicy, Side};
use crate::variables::Variables;

impl CapturePolicy {
    /// Captures the header fields of a message; of several with the same name, the last.
    pub fn capture_fields(&self, side: Side, fields: &Fields, variables: &mut Variables) {
        let slots = self.slots(side);
        if slots.iter().all(|slot| slot.field.is_none()) {
            return;
        }
        for field in fields.iter() {
            for (index, slot) in (0..).zip(slots) {
                if slot.field.as_deref() == Some(field.name) {
                    variables.keep_capture(CapturePlace::Slot(side, index), field.value, slot.length);
                }
            }
        }
    }

    /// Captures the cookie of a message, unless one was captured before.
    pub fn capture_cookie(&self, side: Side, fields: &Fields, variables: &mut Variables) {
        let Some(cookie) = self.cookie.as_deref() else { return };
        let place = CapturePlace::Cookie(side);
        if variables.capture(place).is_some() {
            return;
        }
        let name: &[u8] = if side == Side::Request { b"cookie" } else { b"set-cookie" };
        let values = fields.iter().filter(|field| field.name == name);
        let mut cookies = values.flat_map(|field| cookies(side, field.value));
        if let Some(found) = cookies.find(|text| text.starts_with(&cookie.beginning)) {
            variables.keep_capture(place, found, cookie.length);
        }
    }
}

/// Returns the cookies of a field, each from its name to the end of its value. A response has one per field, followed
/// by attributes.
fn cookies(side: Side, value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let most = if side == Side::Request { usize::MAX } else { 1 };
    value.split(|byte| *byte == b';' || *byte == b',').take(most).map(trim)
}
