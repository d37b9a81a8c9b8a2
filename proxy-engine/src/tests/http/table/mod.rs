//! The rows. They do not depend on the codec of the client or of the server.

mod connections;
mod content_rules;
mod failures;
mod messages;
mod rules;

pub(super) use connections::connections;
pub(super) use content_rules::content_rules;
pub(super) use failures::failures;
pub(super) use messages::messages;
pub(super) use rules::rules;

use super::message::Message;

fn get() -> Message {
    Message::new("GET /")
}

fn post() -> Message {
    Message::known("POST /a", b"abc")
}

fn ok() -> Message {
    Message::known("200", b"ok")
}
