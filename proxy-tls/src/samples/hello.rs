//! The client's hello in the bytes that rules inspect, and fetches that are a function of it.

use std::borrow::Cow;
use std::fmt;

use proxy_rules::fetch::Fetch;
use proxy_rules::{Buffered, Context, Sample};

use crate::client_hello::{ClientHello, MESSAGE_TYPE};
use crate::handshake;

/// The fewest bytes of a hello: HAProxy ignores a shorter one, which has no room for an extension.
const SHORTEST: usize = 45;

/// Passes values of a hello to `visit` until it returns `true`, and returns whether it did.
pub(super) type Show = for<'h> fn(&ClientHello<'h>, &mut dyn FnMut(Sample<'h>) -> bool) -> bool;

/// A fetch of values in the client's hello.
pub(super) struct OfHello(pub(super) Show);

impl Fetch for OfHello {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut first = None;
        self.each(context, &mut |sample| {
            first = Some(sample);
            true
        });
        first
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        is_undetermined(context.request_bytes)
    }

    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        let Some(buffered) = context.request_bytes else { return false };
        let Some(message) = handshake::read(buffered.bytes).done() else { return false };
        if message.kind != MESSAGE_TYPE || message.body.len() < SHORTEST {
            return false;
        }
        match message.body {
            Cow::Borrowed(body) => ClientHello::parse(body).is_some_and(|hello| (self.0)(&hello, visit)),
            // A hello that was joined from several records does not live as long as the sample.
            Cow::Owned(body) => ClientHello::parse(&body)
                .is_some_and(|hello| (self.0)(&hello, &mut |sample| visit(sample.into_owned()))),
        }
    }
}

impl fmt::Debug for OfHello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfHello")
    }
}

/// Returns whether the bytes may still become a complete handshake message.
pub(super) fn is_undetermined(buffered: Option<Buffered<'_>>) -> bool {
    buffered.is_some_and(|buffered| buffered.may_grow && handshake::read(buffered.bytes).needs_more())
}

/// Submits a fetch of the client's hello.
macro_rules! of_hello {
    ($name:literal, $gives:expr, $help:literal, $show:expr $(, $with:ident($($argument:expr),*))*) => {
        inventory::submit! {
            proxy_rules::FetchEntry::new($name, "", $gives, proxy_rules::Need::RequestBytes, $help, |_| {
                Ok(Box::new($crate::samples::hello::OfHello($show)))
            })
            $(.$with($($argument),*))*
        }
    };
}

pub(super) use of_hello;
