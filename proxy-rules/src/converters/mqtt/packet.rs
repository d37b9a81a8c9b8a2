//! CONNECT (MQTT 5.0, 3.1) and CONNACK (3.2).
//!
//! ```text
//! type and flags (1)  length of the rest (1 to 4)
//! CONNECT:  name (2 + n)  version (1)  flags (1)  keep alive (2)  [properties]  client (2 + n)
//!           [will properties]  [will topic  will]  [user]  [password]
//! CONNACK:  flags (1)  reason (1)  [properties]
//! ```

use std::ops::Range;

use super::Progress;
use super::fields::{Field, PacketType};
use super::properties::{self, Allowed};
use super::reader::Reader;
use super::value::Value;

const VERSIONS: std::ops::RangeInclusive<u32> = 3..=5;
/// The first version with properties.
const WITH_PROPERTIES: u32 = 5;
/// The version that HAProxy assumes for a CONNACK without properties, which does not contain one.
const WITHOUT_PROPERTIES: u32 = 4;

/// The flags of CONNECT.
mod flag {
    pub(super) const RESERVED: u32 = 1;
    pub(super) const WILL: u32 = 4;
    /// Both bits of the quality of service of the will.
    pub(super) const WILL_QUALITY: u32 = 0x18;
    pub(super) const WILL_RETAIN: u32 = 0x20;
    pub(super) const PASSWORD: u32 = 0x40;
    pub(super) const USERNAME: u32 = 0x80;
}

/// A valid packet.
pub(super) struct Packet<'a> {
    pub(super) kind: PacketType,
    body: Body<'a>,
}

enum Body<'a> {
    Connect(Connect<'a>),
    Connack(Connack<'a>),
}

impl Packet<'_> {
    /// Reads the packet at the beginning of some bytes.
    pub(super) fn read(bytes: &[u8]) -> Progress<Packet<'_>> {
        let [first, length @ ..] = bytes else { return Progress::NeedMore };
        let (kind, flags) = (PacketType(first >> 4), first & 0x0f);
        if length.is_empty() {
            return Progress::NeedMore;
        }
        if kind.0 == 0 || !kind.allows_flags(flags) {
            return Progress::Invalid;
        }
        let mut reader = Reader::new(bytes);
        let Some(rest) = reader.part(1).and_then(|_| reader.variable_number()) else {
            // Four bytes that all announce another one are invalid.
            let is_wrong = length.len() >= 4;
            return if is_wrong { Progress::Invalid } else { Progress::NeedMore };
        };
        let Some(rest) = reader.part(rest as usize) else { return Progress::NeedMore };
        let body = match kind {
            PacketType::CONNECT => Connect::read(rest).map(Body::Connect),
            // HAProxy takes whatever follows a CONNACK without properties for them, and it never is.
            PacketType::CONNACK => Connack::read(rest)
                .filter(|connack| connack.properties.is_some() || reader.is_empty())
                .map(Body::Connack),
            _ => None,
        };
        body.map_or(Progress::Invalid, |body| Progress::Done(Packet { kind, body }))
    }

    /// Returns the value of a field, if the packet has it and it is not empty.
    pub(super) fn value(&self, field: Field) -> Option<Value> {
        let value = match &self.body {
            Body::Connect(connect) => connect.value(field),
            Body::Connack(connack) => connack.value(field),
        };
        value.filter(|value| !matches!(value, Value::Bytes(place) if place.is_empty()))
    }
}

struct Connect<'a> {
    name: Range<usize>,
    version: u32,
    flags: u32,
    keep_alive: u32,
    properties: Option<Reader<'a>>,
    client: Range<usize>,
    will_properties: Option<Reader<'a>>,
    /// The topic and the payload of the will.
    will: Option<[Range<usize>; 2]>,
    username: Option<Range<usize>>,
    password: Option<Range<usize>>,
}

impl<'a> Connect<'a> {
    fn read(mut rest: Reader<'a>) -> Option<Connect<'a>> {
        let name = rest.text()?;
        let spelled = rest.bytes(name.clone());
        if !spelled.eq_ignore_ascii_case(b"MQTT") && !spelled.eq_ignore_ascii_case(b"MQIsdp") {
            return None;
        }
        let version = rest.number(1).filter(|version| VERSIONS.contains(version))?;
        let flags = rest.number(1)?;
        let of_will = flags & (flag::WILL | flag::WILL_QUALITY | flag::WILL_RETAIN);
        if flags & flag::RESERVED != 0 || of_will == flag::WILL_QUALITY {
            return None;
        }
        let keep_alive = rest.number(2)?;
        let has_properties = version == WITH_PROPERTIES;
        let properties = if has_properties { Some(sound(&mut rest, &properties::CONNECT)?) } else { None };
        if properties.is_some_and(|all| !authenticates_soundly(all)) {
            return None;
        }
        let client = rest.text()?;
        let has = |bit| flags & bit != 0;
        let will_properties =
            if has_properties && has(flag::WILL) { Some(sound(&mut rest, &properties::WILL)?) } else { None };
        let will = if has(flag::WILL) { Some([rest.text()?, rest.text()?]) } else { None };
        let username = if has(flag::USERNAME) { Some(rest.text()?) } else { None };
        let password = if has(flag::PASSWORD) { Some(rest.text()?) } else { None };
        rest.is_empty().then_some(Connect {
            name,
            version,
            flags,
            keep_alive,
            properties,
            client,
            will_properties,
            will,
            username,
            password,
        })
    }

    fn value(&self, field: Field) -> Option<Value> {
        let part = |index: usize| self.will.as_ref().map(|will| Value::Bytes(will[index].clone()));
        match field {
            Field::Flags => Some(Value::Number(self.flags)),
            Field::ProtocolName => Some(Value::Bytes(self.name.clone())),
            Field::ProtocolVersion => Some(Value::Number(self.version)),
            Field::KeepAlive => Some(Value::Number(self.keep_alive)),
            Field::ClientIdentifier => Some(Value::Bytes(self.client.clone())),
            Field::WillTopic => part(0),
            Field::WillPayload => part(1),
            Field::Username => self.username.clone().map(Value::Bytes),
            Field::Password => self.password.clone().map(Value::Bytes),
            Field::ReasonCode => None,
            Field::Property(number) if properties::CONNECT.has(number) => {
                properties::CONNECT.value(self.properties?, number)
            }
            Field::Property(number) => properties::WILL.value(self.will_properties?, number),
        }
    }
}

struct Connack<'a> {
    flags: u32,
    reason: u32,
    properties: Option<Reader<'a>>,
}

impl<'a> Connack<'a> {
    fn read(mut rest: Reader<'a>) -> Option<Connack<'a>> {
        // Bit 0 means that a session is present; the others are reserved.
        let flags = rest.number(1).filter(|flags| *flags <= 1)?;
        let reason = rest.number(1)?;
        let properties = if rest.is_empty() { None } else { Some(sound(&mut rest, &properties::CONNACK)?) };
        rest.is_empty().then_some(Connack { flags, reason, properties })
    }

    fn value(&self, field: Field) -> Option<Value> {
        match field {
            Field::Flags => Some(Value::Number(self.flags)),
            Field::ReasonCode => Some(Value::Number(self.reason)),
            Field::ProtocolVersion => Some(Value::Number(match self.properties {
                Some(_) => WITH_PROPERTIES,
                None => WITHOUT_PROPERTIES,
            })),
            Field::Property(number) => properties::CONNACK.value(self.properties?, number),
            _ => None,
        }
    }
}

/// Reads properties after their length; returns `None` if they are invalid.
fn sound<'a>(rest: &mut Reader<'a>, allowed: &Allowed) -> Option<Reader<'a>> {
    let length = rest.variable_number()?;
    rest.part(length as usize).filter(|all| allowed.are_sound(*all))
}

/// Returns whether there is an authentication method if there is authentication data.
fn authenticates_soundly(all: Reader<'_>) -> bool {
    let is_there = |number| {
        let value = properties::CONNECT.value(all, number);
        matches!(value, Some(Value::Bytes(place)) if !place.is_empty())
    };
    is_there(21) || !is_there(22)
}
