//! `rise`, `fall`: how many checks in a row change the condition of a server.

use proxy_config::{Parameter, Scope};

use super::server_check::ServerCheck;
use crate::state::Tally;

inventory::submit! {
    Parameter::new("rise", Scope::Server, "<count>", "the checks that have to pass until the server is up", |endpoint| {
        let count = endpoint.args.number(1..=Tally::MOST, "how many checks have to pass")?;
        endpoint.values.get_mut::<ServerCheck>().rise = count;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("fall", Scope::Server, "<count>", "the checks that have to fail until the server is down", |endpoint| {
        let count = endpoint.args.number(1..=Tally::MOST, "how many checks have to fail")?;
        endpoint.values.get_mut::<ServerCheck>().fall = count;
        Ok(())
    })
}
