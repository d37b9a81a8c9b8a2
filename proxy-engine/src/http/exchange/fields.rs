//! The header fields that settings add to a request or remove from it: the unique identifier, the client's addresses,
//! and names that servers may read differently.

use std::io::Write as _;
use std::net::IpAddr;

use proxy_config::Network;
use proxy_http::TooLarge;
use proxy_rules::ForwardedField;

use super::{Exchange, Stop};
use crate::exchange::front::FrontExchange;
use crate::observe::{Cause, Stage};
use crate::policy::{HttpPolicy, UnusualNames};

impl Exchange<'_> {
    /// Makes the identifier of `unique-id-format`, which may depend on the request, and adds `unique-id-header`.
    pub(super) fn tell_unique_id(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        if self.traces.unique_id().is_none() {
            return Ok(());
        }
        let header = self.connection.frontend.policy.unique_ids.header.as_ref();
        let (added, is_unknown) = self.with_context(front, false, |context| {
            let Some(unique_id) = context.unique_id else { return (Ok(()), false) };
            // The value may borrow from the request that it is added to.
            let value = unique_id.get(context).to_vec();
            let is_unknown = context.has_failed();
            let request = context.request.as_mut().filter(|_| !is_unknown);
            let added = request.zip(header);
            (added.map_or(Ok(()), |(request, name)| request.fields_mut().add(name, &value)), is_unknown)
        });
        self.added(added, is_unknown)
    }

    /// Adds the field of the backend's `option forwarded`.
    pub(super) fn tell_all(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let Some(field) = &self.back_policy().forwarded else { return Ok(()) };
        let (added, is_unknown) = self.with_context(front, false, |context| {
            context.build(
                |context, value| field.write(context, value),
                |context, value| {
                    let is_unknown = context.has_failed();
                    let request = context.request.as_mut().filter(|_| !is_unknown);
                    let added = request.map(|request| ForwardedField::add(request.fields_mut(), value));
                    (added.unwrap_or(Ok(())), is_unknown)
                },
            )
        });
        self.added(added, is_unknown)
    }

    /// Returns how a field that was not added ends the exchange: there was no room, or its value could not be
    /// determined in time.
    fn added(&self, added: Result<(), TooLarge>, is_unknown: bool) -> Result<(), Stop> {
        match added {
            Ok(()) if is_unknown => Err(self.failed(500, Cause::Internal, Stage::Request)),
            Ok(()) => Ok(()),
            Err(TooLarge) => Err(self.failed(500, Cause::Proxy, Stage::Request)),
        }
    }

    /// Adds the fields of `option forwardfor` and `option originalto`: those of the backend, else of the frontend,
    /// unless an exception of either applies.
    pub(super) fn tell_addresses(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let (theirs, ours) = (self.back_policy(), self.policy);
        if let Some(field) = theirs.forward_for.as_ref().or(ours.forward_for.as_ref()) {
            let both = [&theirs.forward_for, &ours.forward_for];
            let address = self.traces.source(self.connection).known_as().map(|inet| inet.ip());
            let if_none = both.into_iter().flatten().all(|field| field.if_none);
            let except = both.into_iter().flatten().filter_map(|field| field.except.as_ref());
            if !(if_none && self.messages.request.fields().has(field.name.as_bytes())) {
                self.tell_address(&field.name, address, except)?;
            }
        }
        if let Some(field) = theirs.original_to.as_ref().or(ours.original_to.as_ref()) {
            let both = [&theirs.original_to, &ours.original_to];
            let address =
                self.traces.destination(self.connection, &*front.stream()).known_as().map(|inet| inet.ip());
            let except = both.into_iter().flatten().filter_map(|field| field.except.as_ref());
            self.tell_address(&field.name, address, except)?;
        }
        Ok(())
    }

    fn tell_address<'n>(
        &mut self,
        name: &str,
        address: Option<IpAddr>,
        mut except: impl Iterator<Item = &'n Network>,
    ) -> Result<(), Stop> {
        let Some(address) = address.map(|address| address.to_canonical()) else { return Ok(()) };
        if except.any(|network| network.contains(address)) {
            return Ok(());
        }
        // The longest address has 45 characters.
        let mut text = [0_u8; 48];
        let mut rest = &mut text[..];
        let _ = write!(rest, "{address}");
        let length = 48 - rest.len();
        let added = self.messages.request.fields_mut().add(name.as_bytes(), &text[..length]);
        added.map_err(|_| self.failed(500, Cause::Proxy, Stage::Request))
    }

    /// Applies `option http-restrict-req-hdr-names`.
    pub(super) fn restrict_names(&mut self, policy: &HttpPolicy) -> Result<(), Stop> {
        let fields = self.messages.request.fields_mut();
        match policy.unusual_names {
            UnusualNames::Preserve => Ok(()),
            UnusualNames::Delete => {
                fields.retain(|field| !UnusualNames::is_unusual(field.name));
                Ok(())
            }
            UnusualNames::Reject if fields.iter().any(|field| UnusualNames::is_unusual(field.name)) => {
                Err(self.failed(403, Cause::Proxy, Stage::Request))
            }
            UnusualNames::Reject => Ok(()),
        }
    }
}
