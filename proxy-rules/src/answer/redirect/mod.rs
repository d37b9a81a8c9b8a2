//! Replies that redirect the client.
//!
//! The directive `redirect` takes its arguments literally, and is evaluated after all `http-request` rules; the action
//! takes formats.

mod arguments;
mod directive;
#[cfg(test)]
mod tests;

pub(crate) use arguments::Rules as RedirectRules;

use std::sync::Arc;

use proxy_http::{Request, Target, TargetForm};

use super::{Answer, Head};
use crate::action::Action;
use crate::context::Context;
use crate::format::Format;
use crate::rules::RuleSet;
use crate::verdict::Verdict;

/// The `redirect` lines of a section, to be evaluated after its `http-request` rules if none of them has replied.
#[derive(Clone, Debug, Default)]
pub struct Redirects(pub RuleSet);

/// A reply that redirects the client.
#[derive(Debug)]
pub(crate) struct Redirect {
    code: u16,
    to: Destination,
    /// Whether the query of the request is dropped from what is taken over.
    drop_query: bool,
    /// Whether the query of the request is appended to a location.
    keep_query: bool,
    /// Whether a `/` is appended to a location that was built.
    append_slash: bool,
    /// Whether the rule does not apply if the location is empty.
    ignore_empty: bool,
    cookie: Option<Cookie>,
}

/// The destination of a redirection.
#[derive(Debug)]
enum Destination {
    /// This URL.
    Location(Value),
    /// This prefix, with the path of the request after it.
    Prefix(Value),
    /// This scheme, with the host and path of the request.
    Scheme(Value),
}

/// A literal text or a format.
#[derive(Debug)]
enum Value {
    Text(Vec<u8>),
    Format(Format),
}

/// A cookie that is set along with the redirection.
#[derive(Debug)]
struct Cookie {
    value: Value,
    /// The attributes that make the client keep or delete it.
    attributes: &'static [u8],
}

impl Value {
    fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        match self {
            Value::Text(text) => to.extend_from_slice(text),
            Value::Format(format) => format.write(context, to),
        }
    }
}

impl Action for Redirect {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let location = |context: &Context<'_>, to: &mut Vec<u8>| self.location(context, to);
        let answer = context.build(location, |context, location| {
            let applies = !self.ignore_empty || !location.is_empty();
            applies.then(|| self.answer(context, location))
        });
        match answer {
            Some(answer) => Verdict::Answer { answer: Box::new(answer), denies: false },
            None => Verdict::Continue,
        }
    }
}

impl Redirect {
    fn answer(&self, context: &mut Context<'_>, location: &[u8]) -> Answer {
        let mut head = Head::new(self.code);
        head.field(b"content-length", b"0");
        head.field(b"location", location);
        // Caches may keep the others unless told otherwise.
        if matches!(self.code, 302 | 303 | 307) {
            head.field(b"cache-control", b"no-cache");
        }
        if let Some(cookie) = &self.cookie {
            let mut value = Vec::new();
            cookie.value.write(context, &mut value);
            value.extend_from_slice(cookie.attributes);
            head.field(b"set-cookie", &value);
        }
        head.answer(self.code, Arc::default())
    }

    fn location(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        let request = context.request.as_deref();
        let target = request.map(|request| Target::parse(request.target()));
        match &self.to {
            Destination::Location(value) => {
                value.write(context, to);
                if self.keep_query && (!self.ignore_empty || !to.is_empty()) {
                    append_query(target, to);
                }
                return;
            }
            Destination::Prefix(value) => value.write(context, to),
            Destination::Scheme(value) => {
                value.write(context, to);
                to.extend_from_slice(b"://");
                to.extend_from_slice(request.and_then(host).unwrap_or_default());
            }
        }
        self.append_path(target, to);
    }

    fn append_path(&self, target: Option<Target<'_>>, to: &mut Vec<u8>) {
        let target = target.filter(|target| matches!(target.form, TargetForm::Origin | TargetForm::Absolute));
        let (path, query) = target.map_or((&b""[..], None), |target| (target.path, target.query));
        to.extend_from_slice(if path.is_empty() { b"/" } else { path });
        if let Some(query) = query.filter(|_| !self.drop_query) {
            to.push(b'?');
            to.extend_from_slice(query);
        }
        if self.append_slash && to.last() != Some(&b'/') {
            to.push(b'/');
        }
    }
}

/// Returns the first value of `host`.
fn host(request: &Request) -> Option<&[u8]> {
    let value = request.fields().get(b"host")?;
    value.split(|byte| *byte == b',').next().map(<[u8]>::trim_ascii)
}

fn append_query(target: Option<Target<'_>>, to: &mut Vec<u8>) {
    let Some(query) = target.and_then(|target| target.query).filter(|query| !query.is_empty()) else {
        return;
    };
    match to.iter().position(|byte| *byte == b'?') {
        None => to.push(b'?'),
        Some(at) if at + 1 < to.len() => to.push(b'&'),
        Some(_) => {}
    }
    to.extend_from_slice(query);
}
