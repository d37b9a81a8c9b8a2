//! `url_ip`, `url_port`: the address in an absolute target, as clients send it to a forward proxy. As in HAProxy,
//! names are not resolved.

use std::net::{Ipv4Addr, SocketAddrV4};

use proxy_http::Target;

use super::simple::simple;
use crate::context::Context;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns the IPv4 address and the port of the target, or the port of its scheme.
fn address(context: &Context<'_>) -> Option<SocketAddrV4> {
    let target = Target::parse(context.request.as_deref()?.target());
    let scheme = target.scheme?;
    let port = match () {
        () if scheme.eq_ignore_ascii_case(b"http") => 80,
        () if scheme.eq_ignore_ascii_case(b"https") => 443,
        () => return None,
    };
    let text = std::str::from_utf8(target.authority?).ok()?;
    text.parse().ok().or_else(|| Some(SocketAddrV4::new(text.parse::<Ipv4Addr>().ok()?, port)))
}

simple!("url_ip", Type::Ipv4, Need::Request, "the IPv4 address in an absolute target", |context| {
    address(context).map(|address| Sample::Ip((*address.ip()).into()))
});

simple!(
    "url_port",
    Type::Integer,
    Need::Request,
    "the port after an IPv4 address in an absolute target",
    |context| { address(context).map(|address| Sample::Integer(address.port().into())) }
);
