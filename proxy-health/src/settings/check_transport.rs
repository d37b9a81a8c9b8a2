//! `check-send-proxy`, `check-via-socks4`, `check-proto`, and Braid's own `check-mptcp` and `check-tcp`: how a check
//! connects.

use proxy_config::{Parameter, Scope, Spanned};

use super::server_check::{CheckProtocol, CheckTransport, ServerCheck};

inventory::submit! {
    Parameter::new("check-send-proxy", Scope::Server, "", "send a header of the PROXY protocol in checks", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().send_proxy = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("no-check-send-proxy", Scope::Server, "", "undo 'check-send-proxy'", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().send_proxy = false;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("check-via-socks4", Scope::Server, "", "check through the SOCKS4 proxy of the server", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().via_socks4 = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("check-proto", Scope::Server, "h1|none", "the protocol of the connections of checks", |endpoint| {
        let value = endpoint.args.one_of(&[("h1", CheckProtocol::Http1), ("none", CheckProtocol::None)])?;
        let span = endpoint.args.last();
        endpoint.values.get_mut::<ServerCheck>().protocol = Some(Spanned { value, span });
        Ok(())
    })
}

inventory::submit! {
    Parameter::new(
        "check-mptcp",
        Scope::Server,
        "",
        "check over MPTCP: a connection that falls back to TCP fails the check",
        |endpoint| {
            endpoint.values.get_mut::<ServerCheck>().transport = Some(CheckTransport::Mptcp);
            Ok(())
        },
    )
}

inventory::submit! {
    Parameter::new("check-tcp", Scope::Server, "", "check over TCP, whatever the transport of the server", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().transport = Some(CheckTransport::Tcp);
        Ok(())
    })
}
