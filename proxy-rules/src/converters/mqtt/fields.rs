//! Packet types, and the fields of each. Fields that only MQTT 5.0 has are properties, which are identified by number
//! (MQTT 5.0, 2.2.2.2).

/// The type of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PacketType(pub(super) u8);

impl PacketType {
    pub(super) const CONNECT: PacketType = PacketType(1);
    pub(super) const CONNACK: PacketType = PacketType(2);
    pub(super) const PUBLISH: PacketType = PacketType(3);

    /// The names of the types, from type 1 on.
    pub(super) const NAMES: [&'static str; 15] = [
        "CONNECT",
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBSCRIBE",
        "SUBACK",
        "UNSUBSCRIBE",
        "UNSUBACK",
        "PINGREQ",
        "PINGRESP",
        "DISCONNECT",
        "AUTH",
    ];

    /// Finds a type by its name or number.
    pub(super) fn find(text: &str) -> Option<PacketType> {
        let named = PacketType::NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = named.map(|index| index + 1).or_else(|| text.parse().ok())?;
        u8::try_from(number).ok().filter(|number| (1..=15).contains(number)).map(PacketType)
    }

    /// Returns whether the first byte of such a packet may have these flags; PUBLISH may have any.
    pub(super) fn allows_flags(self, flags: u8) -> bool {
        match self.0 {
            3 => true,
            // PUBREL, SUBSCRIBE, UNSUBSCRIBE.
            6 | 8 | 10 => flags == 2,
            _ => flags == 0,
        }
    }
}

/// A field of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Flags,
    ReasonCode,
    ProtocolName,
    ProtocolVersion,
    ClientIdentifier,
    WillTopic,
    WillPayload,
    Username,
    Password,
    KeepAlive,
    /// A property, by its number.
    Property(u8),
}

const NAMES: [(&str, Field); 10] = [
    ("flags", Field::Flags),
    ("reason_code", Field::ReasonCode),
    ("protocol_name", Field::ProtocolName),
    ("protocol_version", Field::ProtocolVersion),
    ("client_identifier", Field::ClientIdentifier),
    ("will_topic", Field::WillTopic),
    ("will_payload", Field::WillPayload),
    ("username", Field::Username),
    ("password", Field::Password),
    ("keepalive", Field::KeepAlive),
];

impl Field {
    /// Returns whether packets of a type have the field. All packets but those for pings have user properties, number
    /// 38.
    fn is_of(self, packet: PacketType) -> bool {
        match (packet, self) {
            (PacketType::CONNECT, Field::ReasonCode) => false,
            (PacketType::CONNECT, Field::Property(number)) => {
                matches!(number, 1 | 2 | 3 | 8 | 9 | 17 | 21..=25 | 33 | 34 | 38 | 39)
            }
            (PacketType::CONNECT, _) => true,
            (PacketType::CONNACK, Field::Flags | Field::ReasonCode | Field::ProtocolVersion) => true,
            (PacketType::CONNACK, Field::Property(number)) => {
                matches!(number, 17..=19 | 21 | 22 | 26 | 28 | 31 | 33 | 34 | 36..=42)
            }
            (PacketType::PUBLISH, Field::Property(number)) => matches!(number, 1..=3 | 8 | 9 | 11 | 35 | 38),
            (PacketType(4..=7 | 14), Field::ReasonCode) => true,
            (PacketType(4..=7 | 9 | 11 | 15), Field::Property(31)) => true,
            (PacketType(8), Field::Property(11)) => true,
            (PacketType(14), Field::Property(17 | 28 | 31)) => true,
            (PacketType(15), Field::Property(21 | 22)) => true,
            (PacketType(12 | 13), _) => false,
            (_, Field::Property(38)) => true,
            _ => false,
        }
    }

    /// Finds a field of a packet type by its name or number.
    pub(super) fn find(packet: PacketType, text: &str) -> Option<Field> {
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, field)| *field);
        let is_number = !text.starts_with(['0', '+']);
        let field = named.or_else(|| text.parse().ok().filter(|_| is_number).map(Field::Property))?;
        Some(field).filter(|field| field.is_of(packet))
    }

    /// Returns the names of the fields of a packet type.
    pub(super) fn names(packet: PacketType) -> Vec<String> {
        let named = NAMES.iter().filter(|(_, field)| field.is_of(packet)).map(|(name, _)| (*name).to_owned());
        let numbers = (1..=42).filter(|number| Field::Property(*number).is_of(packet));
        named.chain(numbers.map(|number| number.to_string())).collect()
    }
}
