//! `req.hdr`, `req.fhdr`, `req.hdr_cnt`, `req.hdr_val`, `req.hdr_ip` and their counterparts for responses: header
//! fields.
//!
//! Each element of a list is a value, except for `fhdr`, which takes each field as a whole.

use std::fmt;
use std::net::IpAddr;

use proxy_http::Fields;
use proxy_http::list::{trim, values};

use crate::address_text::element;
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The lowest occurrence, counted backwards from the last one, as in HAProxy.
const FURTHEST_BACK: i64 = -10;

/// Returns the fields of a message.
type Of = for<'c> fn(&'c Context<'_>) -> Option<&'c Fields>;

fn request<'c>(context: &'c Context<'_>) -> Option<&'c Fields> {
    Some(context.request.as_deref()?.fields())
}

fn response<'c>(context: &'c Context<'_>) -> Option<&'c Fields> {
    Some(context.response.as_deref()?.fields())
}

/// The fields, and which of their values.
struct Selected {
    of: Of,
    /// The name, in lower case; without one, all fields.
    name: Option<Box<[u8]>>,
    /// Whether fields are taken as a whole.
    whole: bool,
    /// The occurrence: from 1 on from the first, from -1 on from the last; 0 for all, or the last if only one can be
    /// used.
    occurrence: i64,
    /// How a value becomes a sample.
    take: TakeValue,
}

/// Converts a value to a sample.
type TakeValue = fn(&[u8]) -> Option<Sample<'_>>;

fn text(value: &[u8]) -> Option<Sample<'_>> {
    Some(Sample::Text(value.into()))
}

fn address(value: &[u8]) -> Option<Sample<'_>> {
    element(value).map(Sample::Ip)
}

/// Reads a number as HAProxy does here: anything else is 0, the only sign is `-`, and numbers that are too large
/// saturate.
fn number(value: &[u8]) -> Option<Sample<'_>> {
    match value {
        [] | [b'+', ..] => Some(Sample::Integer(0)),
        value => Sample::Text(value.into()).cast(Type::Integer),
    }
}

impl Selected {
    /// Calls `visit` with the values until it returns `true`; returns whether it did.
    fn visit<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(&'c [u8]) -> bool) -> bool {
        let Some(fields) = (self.of)(context) else { return false };
        fields.iter().filter(|field| self.name.as_deref().is_none_or(|name| field.name == name)).any(
            |field| {
                if self.whole { visit(trim(field.value)) } else { values(field.value).any(&mut *visit) }
            },
        )
    }

    fn count(&self, context: &Context<'_>) -> i64 {
        let mut count = 0;
        self.visit(context, &mut |_| {
            count += 1;
            false
        });
        count
    }

    /// Returns the requested occurrence.
    fn one<'c>(&'c self, context: &'c Context<'_>) -> Option<&'c [u8]> {
        let wanted = match self.occurrence {
            first @ 1.. => first,
            0 => self.count(context),
            last => self.count(context) + last + 1,
        };
        let (mut found, mut number) = (None, 0);
        self.visit(context, &mut |value| {
            number += 1;
            if number == wanted {
                found = Some(value);
            }
            number == wanted
        });
        found
    }
}

impl fmt::Debug for Selected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().map(String::from_utf8_lossy);
        write!(f, "Selected({name:?} {})", self.occurrence)
    }
}

impl Fetch for Selected {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        (self.take)(self.one(context)?)
    }

    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        if self.occurrence != 0 {
            return self.get(context).is_some_and(visit);
        }
        let visit = &mut |value: &'c [u8]| (self.take)(value).is_some_and(&mut *visit);
        self.visit(context, visit)
    }
}

/// The number of values.
#[derive(Debug)]
struct Count(Selected);

impl Fetch for Count {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        (self.0.of)(context)?;
        Some(Sample::Integer(self.0.count(context)))
    }
}

/// The address that a value of a field of the request is, as `req.hdr_ip` reads it.
pub fn request_address(context: &Context<'_>, name: &str, occurrence: i64) -> Option<IpAddr> {
    let name = Some(name.as_bytes().into());
    let selected = Selected { of: request, name, whole: false, occurrence, take: address };
    match address(selected.one(context)?)? {
        Sample::Ip(address) => Some(address),
        _ => None,
    }
}

fn selected(
    inputs: &mut Inputs<'_>,
    of: Of,
    whole: bool,
    take: TakeValue,
) -> proxy_config::Parsed<Box<dyn Fetch>> {
    let name = inputs.text("the name of a field")?.to_ascii_lowercase().into_bytes().into();
    let expected = "a number: from 1 on from the first, from -1 to -10 from the last";
    let occurrence = inputs.number_or(0, FURTHEST_BACK..=i64::MAX, expected)?;
    Ok(Box::new(Selected { of, name: Some(name), whole, occurrence, take }))
}

fn count(inputs: &mut Inputs<'_>, of: Of, whole: bool) -> proxy_config::Parsed<Box<dyn Fetch>> {
    let name = inputs.take().map(|input| input.text.to_ascii_lowercase().into_bytes().into());
    Ok(Box::new(Count(Selected { of, name, whole, occurrence: 0, take: text })))
}

/// Submits the fetches for a message.
macro_rules! fields {
    ($of:path, $needs:expr, $one:literal, $old:literal, $whole:literal, $whole_count:literal, $count:literal,
     $old_count:literal, $value:literal, $old_value:literal, $ip:literal, $old_ip:literal) => {
        inventory::submit! {
            FetchEntry::new($one, "<name>[,<occurrence>]", Type::Text, $needs, "values of a header field", |inputs| {
                selected(inputs, $of, false, text)
            })
            .aliases(&[$old])
            .derived($old)
        }
        inventory::submit! {
            FetchEntry::new($whole, "<name>[,<occurrence>]", Type::Text, $needs, "header fields as they stand", |inputs| {
                selected(inputs, $of, true, text)
            })
        }
        inventory::submit! {
            FetchEntry::new($whole_count, "[<name>]", Type::Integer, $needs, "how many header fields there are", |inputs| {
                count(inputs, $of, true)
            })
        }
        inventory::submit! {
            FetchEntry::new($count, "[<name>]", Type::Integer, $needs, "how many values header fields have", |inputs| {
                count(inputs, $of, false)
            })
            .aliases(&[$old_count])
        }
        inventory::submit! {
            FetchEntry::new($value, "<name>[,<occurrence>]", Type::Integer, $needs, "values of a header field, as numbers", |inputs| {
                selected(inputs, $of, false, number)
            })
            .aliases(&[$old_value])
        }
        inventory::submit! {
            FetchEntry::new($ip, "<name>[,<occurrence>]", Type::Ip, $needs, "values of a header field, as addresses", |inputs| {
                selected(inputs, $of, false, address)
            })
            .aliases(&[$old_ip])
        }
    };
}

fields!(
    request,
    Need::Request,
    "req.hdr",
    "hdr",
    "req.fhdr",
    "req.fhdr_cnt",
    "req.hdr_cnt",
    "hdr_cnt",
    "req.hdr_val",
    "hdr_val",
    "req.hdr_ip",
    "hdr_ip"
);
fields!(
    response,
    Need::Response,
    "res.hdr",
    "shdr",
    "res.fhdr",
    "res.fhdr_cnt",
    "res.hdr_cnt",
    "shdr_cnt",
    "res.hdr_val",
    "shdr_val",
    "res.hdr_ip",
    "shdr_ip"
);
