//! Writing the field: a value that is not allowed in it becomes `unknown`, or is left out.

use std::net::IpAddr;

use proto_core::address::Address;
use proxy_http::forwarded::{Forwarded, NodeName, NodePort, is_host, may_be_hidden};
use proxy_http::list::values;
use proxy_http::{Fields, TooLarge};

use super::{ForwardedField, Node, Origin};
use crate::context::Context;
use crate::format::{Digits, decimal};
use crate::sample::{Sample, Type};

const NAME: &[u8] = b"forwarded";

impl ForwardedField {
    /// Appends the value for the request of a context.
    pub fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        let begin = to.len();
        let next = |to: &mut Vec<u8>, name: &[u8]| {
            if to.len() > begin {
                to.push(b';');
            }
            to.extend_from_slice(name);
        };
        if self.tells_protocol {
            next(to, b"proto=http");
        }
        if let Some(host) = &self.host {
            next(to, b"host=\"");
            write_host(host, context, to);
            to.push(b'"');
        }
        if let Some(node) = &self.receiver {
            next(to, b"by=");
            node.write(context.destination(), context, to);
        }
        if let Some(node) = &self.sender {
            next(to, b"for=");
            node.write(context.source(), context, to);
        }
    }

    /// Adds a value to fields: to the last field if all existing ones are valid, else in a field of its own.
    ///
    /// # Errors
    /// Returns an error if there is no room.
    pub fn add(fields: &mut Fields, value: &[u8]) -> Result<(), TooLarge> {
        let are_right = fields.all(NAME).flat_map(values).all(|value| Forwarded::parse(value).is_some());
        let last = fields.iter().enumerate().rfind(|(_, field)| field.name == NAME);
        match last {
            Some((at, last)) if are_right && !last.value.is_empty() => {
                let value = [last.value, b",", value].concat();
                fields.replace(at, &value)
            }
            _ => fields.add(NAME, value),
        }
    }
}

fn write_host(host: &Origin, context: &Context<'_>, to: &mut Vec<u8>) {
    let text = match host {
        Origin::Own => context
            .request
            .as_deref()
            .and_then(|request| request.fields().get(b"host"))
            .map(|host| Sample::Text(host.into())),
        Origin::Expression(expression) => expression.get(context).and_then(|sample| sample.cast(Type::Text)),
    };
    let text = text.as_ref().and_then(Sample::bytes).unwrap_or_default();
    if is_host(text) {
        to.extend_from_slice(text);
    }
}

impl Node {
    fn write(&self, address: &Address, context: &Context<'_>, to: &mut Vec<u8>) {
        let address = address.known_as();
        let begin = to.len();
        let mut name = Vec::with_capacity(48);
        match &self.name {
            Origin::Own => {
                if let Some(address) = address {
                    write_address(address.ip(), &mut name);
                }
            }
            Origin::Expression(expression) => {
                if let Some(sample) = expression.get(context) {
                    write_name(sample, &mut name);
                }
            }
        }
        if name.is_empty() {
            name.extend_from_slice(b"unknown");
        }
        // A port and an IPv6 address contain characters that need quotes.
        let is_quoted = self.port.is_some() || name.starts_with(b"[");
        if is_quoted {
            to.push(b'"');
        }
        to.extend_from_slice(&name);
        if let Some(port) = &self.port {
            let before = to.len();
            to.push(b':');
            match port {
                Origin::Own => {
                    if let Some(address) = address {
                        decimal(address.port().into(), to);
                    }
                }
                Origin::Expression(expression) => {
                    if let Some(sample) = expression.get(context).and_then(|sample| sample.cast(Type::Text)) {
                        write_port(sample.bytes().unwrap_or_default(), to);
                    }
                }
            }
            if to.len() == before + 1 {
                to.truncate(before);
            }
        }
        if to.get(begin) == Some(&b'"') {
            to.push(b'"');
        }
    }
}

fn write_address(address: IpAddr, to: &mut Vec<u8>) {
    let digits = Digits::ip(address);
    match address.is_ipv4() {
        true => to.extend_from_slice(digits.as_bytes()),
        false => {
            to.push(b'[');
            to.extend_from_slice(digits.as_bytes());
            to.push(b']');
        }
    }
}

fn write_name(sample: Sample<'_>, to: &mut Vec<u8>) {
    if let Sample::Ip(address) = sample {
        return write_address(address, to);
    }
    let Some(sample) = sample.cast(Type::Text) else { return };
    let text = sample.bytes().unwrap_or_default();
    match NodeName::parse(text) {
        Some(NodeName::Address(address)) => write_address(address, to),
        Some(_) => to.extend_from_slice(text),
        None => write_hidden(text, to),
    }
}

fn write_port(text: &[u8], to: &mut Vec<u8>) {
    match NodePort::parse(text) {
        Some(_) => to.extend_from_slice(text),
        None => write_hidden(text, to),
    }
}

fn write_hidden(text: &[u8], to: &mut Vec<u8>) {
    if may_be_hidden(text) {
        to.push(b'_');
        to.extend_from_slice(text);
    }
}
