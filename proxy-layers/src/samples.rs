//! The contents of a PROXY header, for rules and logs: `fc_rcvd_proxy`, `fc_pp_tlv`, `fc_pp_authority`,
//! `fc_pp_unique_id`.

use proxy_config::Parsed;
use proxy_rules::fetch::{Fetch, FetchEntry};
use proxy_rules::inputs::Inputs;
use proxy_rules::{Context, Need, Sample, Type};

use crate::accept_proxy::Received;
use crate::proxy_protocol::{Header, kind};

/// Returns the PROXY header of the client's connection.
fn received<'c>(context: &'c Context<'_>) -> Option<&'c Header> {
    context.session.client().findings.extensions.get::<Received>().map(|Received(header)| header)
}

/// Fetches whether there was a header.
#[derive(Debug)]
struct WasReceived;

impl Fetch for WasReceived {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let has_failed = context.session.client().findings.error.is_some();
        (!has_failed).then(|| Sample::Bool(received(context).is_some()))
    }
}

/// Fetches the values of one type.
#[derive(Debug)]
struct Values {
    kind: u8,
}

impl Fetch for Values {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(received(context)?.value(self.kind)?.into()))
    }

    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        received(context)
            .is_some_and(|header| header.values(self.kind).any(|value| visit(Sample::Text(value.into()))))
    }
}

/// Reads the type of a value, as a number or a name.
fn values(inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Fetch>> {
    let input = inputs.input("the type of a value")?;
    let is_it = |(name, _): &&(&str, u8)| name.eq_ignore_ascii_case(&input.text);
    let named = kind::NAMES.iter().find(is_it).map(|(_, kind)| *kind);
    let kind = named.or_else(|| kind::number(&input.text)).ok_or_else(|| {
        let names = kind::NAMES.map(|(name, _)| name).join(", ");
        inputs.bad(input, format!("a number up to 255, or one of {names}"))
    })?;
    Ok(Box::new(Values { kind }))
}

inventory::submit! {
    FetchEntry::new(
        "fc_rcvd_proxy",
        "",
        Type::Bool,
        Need::Client,
        "whether the client's connection came with a PROXY header",
        |_| Ok(Box::new(WasReceived)),
    )
}

inventory::submit! {
    FetchEntry::new(
        "fc_pp_tlv",
        "<id>",
        Type::Text,
        Need::Client,
        "the values of a type in the client's PROXY header",
        values,
    )
}

inventory::submit! {
    FetchEntry::new(
        "fc_pp_authority",
        "",
        Type::Text,
        Need::Client,
        "the host name in the client's PROXY header",
        |_| Ok(Box::new(Values { kind: kind::AUTHORITY })),
    )
}

inventory::submit! {
    FetchEntry::new(
        "fc_pp_unique_id",
        "",
        Type::Text,
        Need::Client,
        "the unique ID in the client's PROXY header",
        |_| Ok(Box::new(Values { kind: kind::UNIQUE_ID })),
    )
}
