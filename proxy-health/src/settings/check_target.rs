//! `port`, `addr`: where a check connects to, if it is not the server itself.

use proto_core::address::Rules;
use proxy_config::endpoint::address;
use proxy_config::{Parameter, Scope, Spanned};

use super::server_check::ServerCheck;

/// The address of a check: streams only, and no port that depends on a client.
const RULES: Rules = Rules { offset: false, datagrams: false, layers: false, ..Rules::SERVER };

inventory::submit! {
    Parameter::new("port", Scope::Server, "<port>", "the port that checks connect to", |endpoint| {
        let port = endpoint.args.number(1..=u16::MAX, "a port")?;
        endpoint.values.get_mut::<ServerCheck>().port = Some(port);
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("addr", Scope::Server, "<address>", "the address that checks connect to", |endpoint| {
        let word = endpoint.args.word("an address")?;
        let value = address(word, &RULES, endpoint.surroundings)?;
        endpoint.values.get_mut::<ServerCheck>().address = Some(Spanned { value, span: word.span });
        Ok(())
    })
}
