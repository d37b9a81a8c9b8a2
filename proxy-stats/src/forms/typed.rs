//! Statistics as typed lines: one for each value, with the object, the field, its tags and its type.
//! `S.3.1.7.stot.1:MCPP:u64:12` is field 7 of server 1 of section 3.

use std::fmt::Write as _;

use crate::fields;
use crate::subject::{Kind, Subject};
use crate::value::Value;

/// Returns the lines of an object, and an empty one is not among them.
pub(crate) fn lines(subject: &Subject<'_>, described: bool) -> String {
    let (kind, proxy, id) = (subject.kind(), subject.proxy_id(), subject.id());
    let letter = match kind {
        Kind::Frontend => 'F',
        Kind::Backend => 'B',
        Kind::Server => 'S',
        Kind::Listener => 'L',
    };
    let mut text = String::new();
    for field in fields::all() {
        let Some(value) = field.value(subject) else { continue };
        let (position, name, tags) = (field.position, field.name, field.tags(kind));
        // Writing to a String cannot fail.
        let _ = write!(text, "{letter}.{proxy}.{id}.{position}.{name}.1:{tags}:{}:", value.type_name());
        let _ = match &value {
            // A value is one line, whatever a name contains.
            Value::Text(value) => write!(text, "{}", value.replace(['\r', '\n'], " ")),
            value => write!(text, "{value}"),
        };
        if described {
            let _ = write!(text, ":\"{}\"", field.help);
        }
        text.push('\n');
    }
    text
}
