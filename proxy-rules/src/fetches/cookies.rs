//! `req.cook`, `req.cook_cnt`, `req.cook_val`, `req.cook_names` and their counterparts for responses: cookies.
//!
//! A field `cookie` holds any number of cookies. A field `set-cookie` holds one, followed by attributes, which are not
//! cookies.

use std::borrow::Cow;
use std::fmt;

use proxy_http::Fields;
use proxy_http::list::{trim, values};

use super::names::delimiter;
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The message with the cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Request,
    Response,
}

impl Of {
    /// Calls `visit` with names and values until it returns `true`; returns whether it did.
    fn visit<'c>(self, context: &'c Context<'_>, visit: &mut dyn FnMut(&'c [u8], &'c [u8]) -> bool) -> bool {
        let (fields, name): (Option<&Fields>, &[u8]) = match self {
            Of::Request => (context.request.as_deref().map(|request| request.fields()), b"cookie"),
            Of::Response => (context.response.as_deref().map(|response| response.fields()), b"set-cookie"),
        };
        let Some(fields) = fields else { return false };
        let fields = fields.iter().filter(|field| field.name == name);
        fields.flat_map(|field| values(field.value)).any(|list| self.cookies(list, visit))
    }

    /// Visits the cookies of a field, or of an element between its commas.
    fn cookies<'c>(self, mut rest: &'c [u8], visit: &mut dyn FnMut(&'c [u8], &'c [u8]) -> bool) -> bool {
        while !rest.is_empty() {
            let equal = rest.iter().position(|byte| b"=;".contains(byte));
            let Some(equal) = equal.filter(|at| rest[*at] == b'=') else {
                // A cookie without a value is ignored.
                let Some(next) = equal else { return false };
                rest = &rest[next + 1..];
                continue;
            };
            let (name, after) = (trim(&rest[..equal]), &rest[equal + 1..]);
            let end = value_end(after);
            // Names with a dollar sign are attributes from before RFC 6265.
            if !name.starts_with(b"$") {
                if visit(name, trim(&after[..end])) {
                    return true;
                }
                if self == Of::Response {
                    return false;
                }
            }
            rest = after.get(end + 1..).unwrap_or_default();
        }
        false
    }
}

/// Returns where a value ends: at a semicolon outside quotes.
fn value_end(bytes: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// The values of cookies.
struct Cookies {
    of: Of,
    /// The name; without one, all cookies.
    name: Option<Box<[u8]>>,
    gives: Type,
}

impl Cookies {
    fn read(inputs: &mut Inputs<'_>, of: Of, gives: Type) -> Cookies {
        let name = inputs.take().map(|input| input.text.as_bytes().into());
        Cookies { of, name, gives }
    }

    /// Calls `visit` with the values until it returns `true`; returns whether it did.
    fn visit<'c>(&self, context: &'c Context<'_>, visit: &mut dyn FnMut(&'c [u8]) -> bool) -> bool {
        let is_it = |name: &[u8]| self.name.as_deref().is_none_or(|wanted| wanted == name);
        self.of.visit(context, &mut |name, value| is_it(name) && visit(value))
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cookies({:?} {:?})", self.of, self.name.as_deref().map(String::from_utf8_lossy))
    }
}

impl Fetch for Cookies {
    /// Returns the last value of a name, or the first of all cookies.
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut found = None;
        self.visit(context, &mut |value| {
            found = Some(value);
            self.name.is_none()
        });
        Sample::Text(found?.into()).cast(self.gives)
    }

    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        self.visit(context, &mut |value| Sample::Text(value.into()).cast(self.gives).is_some_and(&mut *visit))
    }
}

/// The number of cookies.
#[derive(Debug)]
struct Count(Cookies);

impl Fetch for Count {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut count = 0;
        self.0.visit(context, &mut |_| {
            count += 1;
            false
        });
        Some(Sample::Integer(count))
    }
}

/// The names of all cookies.
#[derive(Debug)]
struct Names {
    of: Of,
    delimiter: u8,
}

impl Fetch for Names {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut names = Vec::new();
        self.of.visit(context, &mut |name, _| {
            if !names.is_empty() {
                names.push(self.delimiter);
            }
            names.extend_from_slice(name);
            false
        });
        Some(Sample::Text(Cow::Owned(names)))
    }
}

/// Submits the fetches for a message.
macro_rules! cookies {
    ($of:expr, $needs:expr, $one:literal, $old:literal, $count:literal, $old_count:literal, $value:literal,
     $old_value:literal, $names:literal) => {
        inventory::submit! {
            FetchEntry::new($one, "[<name>]", Type::Text, $needs, "the values of cookies", |inputs| {
                Ok(Box::new(Cookies::read(inputs, $of, Type::Text)))
            })
            .aliases(&[$old])
            .derived($old)
        }
        inventory::submit! {
            FetchEntry::new($count, "[<name>]", Type::Integer, $needs, "how many cookies there are", |inputs| {
                Ok(Box::new(Count(Cookies::read(inputs, $of, Type::Text))))
            })
            .aliases(&[$old_count])
        }
        inventory::submit! {
            FetchEntry::new($value, "[<name>]", Type::Integer, $needs, "the values of cookies, as numbers", |inputs| {
                Ok(Box::new(Cookies::read(inputs, $of, Type::Integer)))
            })
            .aliases(&[$old_value])
        }
        inventory::submit! {
            FetchEntry::new($names, "[<delimiter>]", Type::Text, $needs, "the names of all cookies", |inputs| {
                Ok(Box::new(Names { of: $of, delimiter: delimiter(inputs)? }))
            })
        }
    };
}

cookies!(
    Of::Request,
    Need::Request,
    "req.cook",
    "cook",
    "req.cook_cnt",
    "cook_cnt",
    "req.cook_val",
    "cook_val",
    "req.cook_names"
);
cookies!(
    Of::Response,
    Need::Response,
    "res.cook",
    "scook",
    "res.cook_cnt",
    "scook_cnt",
    "res.cook_val",
    "scook_val",
    "res.cook_names"
);
