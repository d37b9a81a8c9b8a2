//! Properties of packets of MQTT 5.0: a number and a value each (2.2.2). Tables define which ones are allowed in a
//! place, and what values they may have.

use super::reader::Reader;
use super::value::Value;

/// The kind of values that a property has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A byte that is 0 or 1.
    Flag,
    /// A number with this many bytes.
    Number(usize),
    /// A number with this many bytes that is not 0.
    Positive(usize),
    Text,
    /// A text that is not empty.
    Name,
    /// Two texts. Such a property may occur more than once, and its value is not returned.
    Pair,
}

/// The properties that are allowed in a place.
pub(super) struct Allowed(&'static [(u8, Form)]);

/// The properties of a CONNECT packet (3.1.2.11).
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

/// The properties of the will in a CONNECT packet (3.1.3.2).
pub(super) const WILL: Allowed = Allowed(&[
    (1, Form::Flag),
    (2, Form::Number(4)),
    (3, Form::Text),
    (8, Form::Text),
    (9, Form::Text),
    (24, Form::Number(4)),
    (38, Form::Pair),
]);

/// The properties of a CONNACK packet (3.2.2.3).
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

    /// Returns whether a property is allowed.
    pub(super) fn has(&self, number: u8) -> bool {
        self.form(number).is_some()
    }

    /// Returns the value of a property among the given ones; as in HAProxy, a missing number is 0.
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

    /// Returns whether all properties are allowed, valid, and not repeated.
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

    /// Reads the next property and its value; returns `None` if it is invalid.
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
