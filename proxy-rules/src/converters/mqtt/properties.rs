//! Properties of packets of MQTT 5.0: a number and a value each (2.2.2). Which ones may stand where, and what their
//! values may be, is data.

use super::reader::Reader;
use super::value::Value;

/// What values a property has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// 0 or 1, in a byte.
    Flag,
    /// Of so many bytes.
    Number(usize),
    /// The same, and not 0.
    Positive(usize),
    Text,
    /// One that is not empty.
    Name,
    /// Two texts. They may be there more than once, and are not told.
    Pair,
}

/// The properties that may stand in a place.
pub(super) struct Allowed(&'static [(u8, Form)]);

/// Those of a CONNECT packet (3.1.2.11).
pub(super) const CONNECT: Allowed = Allowed(&[
    (17, Form::Number(4)),
    (21, Form::Text),
    (22, Form::Text),
    (23, Form::Flag),
    (25, Form::Flag),
    (33, Form::Positive(2)),
    (34, Form::Number(2)),
    (38, Form::Pair),
    (39, Form::Positive(4)),
]);

/// Those of the will in a CONNECT packet (3.1.3.2).
pub(super) const WILL: Allowed = Allowed(&[
    (1, Form::Flag),
    (2, Form::Number(4)),
    (3, Form::Text),
    (8, Form::Text),
    (9, Form::Text),
    (24, Form::Number(4)),
    (38, Form::Pair),
]);

/// Those of a CONNACK packet (3.2.2.3).
pub(super) const CONNACK: Allowed = Allowed(&[
    (17, Form::Number(4)),
    (18, Form::Name),
    (19, Form::Number(2)),
    (21, Form::Text),
    (22, Form::Text),
    (26, Form::Text),
    (28, Form::Text),
    (31, Form::Text),
    (33, Form::Positive(2)),
    (34, Form::Number(2)),
    (36, Form::Flag),
    (37, Form::Flag),
    (38, Form::Pair),
    (39, Form::Positive(4)),
    (40, Form::Flag),
    (41, Form::Flag),
    (42, Form::Flag),
]);

impl Allowed {
    fn form(&self, number: u8) -> Option<Form> {
        self.0.iter().find(|(known, _)| *known == number).map(|(_, form)| *form)
    }

    /// Whether a property may stand there.
    pub(super) fn has(&self, number: u8) -> bool {
        self.form(number).is_some()
    }

    /// The value of a property in all of them; as HAProxy has it, a number that is not there is 0.
    pub(super) fn value(&self, mut all: Reader<'_>, wanted: u8) -> Option<Value> {
        while !all.is_empty() {
            let (number, value) = self.next(&mut all)?;
            if number == wanted {
                return value;
            }
        }
        match self.form(wanted)? {
            Form::Flag | Form::Number(_) | Form::Positive(_) => Some(Value::Number(0)),
            Form::Text | Form::Name | Form::Pair => None,
        }
    }

    /// Whether these are all allowed, right, and there once.
    pub(super) fn are_sound(&self, mut all: Reader<'_>) -> bool {
        let mut seen = 0_u64;
        while !all.is_empty() {
            let Some((number, _)) = self.next(&mut all) else { return false };
            let bit = 1 << number;
            if seen & bit != 0 && self.form(number) != Some(Form::Pair) {
                return false;
            }
            seen |= bit;
        }
        true
    }

    /// The next property and its value; `None` if it is wrong.
    fn next(&self, all: &mut Reader<'_>) -> Option<(u8, Option<Value>)> {
        let number = u8::try_from(all.number(1)?).ok()?;
        let value = match self.form(number)? {
            Form::Flag => Value::Number(all.number(1).filter(|value| *value <= 1)?),
            Form::Number(size) => Value::Number(all.number(size)?),
            Form::Positive(size) => Value::Number(all.number(size).filter(|value| *value > 0)?),
            Form::Text => Value::Bytes(all.text()?),
            Form::Name => Value::Bytes(all.text().filter(|place| !place.is_empty())?),
            Form::Pair => {
                all.text()?;
                all.text()?;
                return Some((number, None));
            }
        };
        Some((number, Some(value)))
    }
}
