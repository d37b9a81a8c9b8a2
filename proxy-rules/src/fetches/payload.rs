//! `req.len`, `req.payload`, `req.payload_lv` and their counterparts for responses: bytes that were received in mode
//! tcp and not yet passed on. In mode http there are none, and `req.len` and `res.len` are the same as in HAProxy: the
//! memory that it needs to store the head.

use proxy_config::Parsed;
use proxy_http::Fields;

use crate::context::{Buffered, Context};
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The largest offset and length, as in HAProxy.
const MOST: i64 = i32::MAX as i64;

/// Returns the bytes of a direction.
type Side = for<'c> fn(&Context<'c>) -> Option<Buffered<'c>>;

const REQUEST: Side = |context| context.request_bytes;
const RESPONSE: Side = |context| context.response_bytes;
/// The bytes of the direction that rules look at.
const EITHER: Side = |context| context.response_bytes.or(context.request_bytes);

fn may_grow(side: Side, context: &Context<'_>) -> bool {
    side(context).is_some_and(|buffered| buffered.may_grow)
}

/// The number of bytes.
#[derive(Debug)]
struct Length {
    side: Side,
    /// Returns the length of the head of a message in mode http.
    of_head: fn(&Context<'_>) -> Option<usize>,
}

/// The bytes that HAProxy stores with a head besides its texts: five numbers for the start line, and a byte for the
/// end.
const BESIDE: usize = 5 * 4 + 1;

fn request_head(context: &Context<'_>) -> Option<usize> {
    let request = context.request.as_deref()?;
    let line = request.method_name().len() + request.target().len() + "HTTP/1.1".len();
    Some(BESIDE + line + fields(request.fields()))
}

fn response_head(context: &Context<'_>) -> Option<usize> {
    let response = context.response.as_deref()?;
    let line = "HTTP/1.1".len() + "200".len() + response.reason().len();
    Some(BESIDE + line + fields(response.fields()))
}

fn fields(fields: &Fields) -> usize {
    fields.iter().map(|field| field.name.len() + field.value.len()).sum()
}

impl Fetch for Length {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let length = match (self.side)(context) {
            Some(buffered) => buffered.bytes.len(),
            None => (self.of_head)(context)?,
        };
        Some(Sample::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        may_grow(self.side, context)
    }
}

/// A number of bytes from an offset on, or all from there on.
#[derive(Debug)]
struct Payload {
    side: Side,
    offset: usize,
    length: Option<usize>,
}

impl Payload {
    fn read(side: Side, inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Fetch>> {
        let offset = unsigned(inputs, 0, "the offset of the first byte")?;
        let length = unsigned(inputs, 0, "how many bytes, or 0 for all that follow")?;
        Ok(Box::new(Payload { side, offset, length: (length > 0).then_some(length) }))
    }
}

impl Fetch for Payload {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Buffered { bytes, may_grow } = (self.side)(context)?;
        // In HAProxy a sender that has sent nothing has no buffer any more once rules have waited for it.
        if bytes.is_empty() && !may_grow {
            return None;
        }
        let bytes = bytes.get(self.offset..)?;
        let part = match self.length {
            Some(length) => bytes.get(..length)?,
            None => bytes,
        };
        Some(Sample::Binary(part.into()))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        let is_settled = self.length.is_some() && self.get(context).is_some();
        may_grow(self.side, context) && !is_settled
    }
}

/// The origin of the offset of a value.
#[derive(Clone, Copy, Debug)]
enum Begin {
    At(usize),
    /// The offset is relative to the end of the length.
    Relative(isize),
}

/// A value with a length field: a number of some bytes, the most significant first.
#[derive(Debug)]
struct LengthAndValue {
    side: Side,
    offset: usize,
    size: usize,
    begin: Begin,
}

/// The result of reading a length field.
enum Told<'c> {
    Value(&'c [u8]),
    /// It has not arrived yet.
    TooShort,
    /// There are no bytes, or more than there may ever be.
    Never,
}

impl LengthAndValue {
    fn read(side: Side, inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Fetch>> {
        let offset = unsigned(inputs, 0, "the offset of the length")?;
        let size = unsigned(inputs, 1, "how many bytes the length has")?;
        let begin = match inputs.take() {
            None => Begin::Relative(0),
            Some(input) => {
                let expected = "the offset of the value, with '+' or '-' from the end of the length";
                let number: i32 = input.text.parse().map_err(|_| inputs.bad(input, expected))?;
                let is_relative = input.text.starts_with(['+', '-']);
                match usize::try_from(number) {
                    Ok(at) if !is_relative => Begin::At(at),
                    _ => {
                        let relative = number as isize;
                        if (offset + size).checked_add_signed(relative).is_none() {
                            return Err(inputs.bad(input, "an offset that is not before the first byte"));
                        }
                        Begin::Relative(relative)
                    }
                }
            }
        };
        Ok(Box::new(LengthAndValue { side, offset, size, begin }))
    }

    fn look<'c>(&self, bytes: &'c [u8]) -> Told<'c> {
        let end = self.offset + self.size;
        let Some(digits) = bytes.get(self.offset..end) else { return Told::TooShort };
        // Only the last bytes of a longer number count.
        let length = digits.iter().fold(0_u32, |length, byte| (length << 8) | u32::from(*byte)) as usize;
        let begin = match self.begin {
            Begin::At(at) => Some(at),
            Begin::Relative(by) => end.checked_add_signed(by),
        };
        let Some(begin) = begin.filter(|_| length > 0) else { return Told::Never };
        match bytes.get(begin..begin.saturating_add(length)) {
            Some(value) => Told::Value(value),
            None => Told::TooShort,
        }
    }
}

impl Fetch for LengthAndValue {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        match self.look((self.side)(context)?.bytes) {
            Told::Value(value) => Some(Sample::Binary(value.into())),
            Told::TooShort | Told::Never => None,
        }
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        (self.side)(context)
            .is_some_and(|buffered| buffered.may_grow && matches!(self.look(buffered.bytes), Told::TooShort))
    }
}

fn unsigned(inputs: &mut Inputs<'_>, least: i64, what: &str) -> Parsed<usize> {
    let number = inputs.number(least..=MOST, what)?;
    Ok(usize::try_from(number).unwrap_or_default())
}

const PART: &str = "<offset>,<length>";
const VALUE: &str = "<offset>,<length>[,<offset of the value>]";

inventory::submit! {
    FetchEntry::new("req.len", "", Type::Integer, Need::RequestBytes, "how many bytes of the client were received", |_| {
        Ok(Box::new(Length { side: REQUEST, of_head: request_head }))
    })
    .aliases(&["req_len"])
}

inventory::submit! {
    FetchEntry::new("res.len", "", Type::Integer, Need::ResponseBytes, "how many bytes of the server were received", |_| {
        Ok(Box::new(Length { side: RESPONSE, of_head: response_head }))
    })
}

inventory::submit! {
    FetchEntry::new("req.payload", PART, Type::Binary, Need::RequestBytes, "bytes of the client", |inputs| {
        Payload::read(REQUEST, inputs)
    })
}

inventory::submit! {
    FetchEntry::new("res.payload", PART, Type::Binary, Need::ResponseBytes, "bytes of the server", |inputs| {
        Payload::read(RESPONSE, inputs)
    })
}

inventory::submit! {
    FetchEntry::new("req.payload_lv", VALUE, Type::Binary, Need::RequestBytes, "bytes of the client after their length", |inputs| {
        LengthAndValue::read(REQUEST, inputs)
    })
}

inventory::submit! {
    FetchEntry::new("res.payload_lv", VALUE, Type::Binary, Need::ResponseBytes, "bytes of the server after their length", |inputs| {
        LengthAndValue::read(RESPONSE, inputs)
    })
}

inventory::submit! {
    FetchEntry::new("payload", PART, Type::Binary, Need::Bytes, "bytes of the direction that rules look at", |inputs| {
        Payload::read(EITHER, inputs)
    })
}

inventory::submit! {
    FetchEntry::new("payload_lv", VALUE, Type::Binary, Need::Bytes, "bytes of that direction after their length", |inputs| {
        LengthAndValue::read(EITHER, inputs)
    })
}
