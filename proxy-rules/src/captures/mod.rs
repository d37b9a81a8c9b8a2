//! Captures: what a frontend keeps of a message for log lines and for rules that run after the message is gone.
//!
//! * [`CapturePolicy`]: the slots of a frontend, and the cookie that it keeps. `directives`: the keywords.
//! * [`CapturePlace`]: a slot or a cookie. The values are stored with the variables of an exchange:
//!   [`Variables::capture`].
//!
//! Rules fill slots with the action `capture`.
//!
//! [`Variables::capture`]: crate::Variables::capture

mod directives;
mod fill;
mod kept;
mod place;
mod slots;

pub(crate) use kept::Captures;
pub use place::CapturePlace;
pub use slots::{CapturePolicy, CapturedCookie, Side, Slot};
