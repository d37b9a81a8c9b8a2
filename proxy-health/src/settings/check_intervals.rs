//! `inter`, `fastinter`, `downinter`: the times from one check to the next.

use proxy_config::{Parameter, Scope};

use super::server_check::ServerCheck;
use super::time::interval;

inventory::submit! {
    Parameter::new("inter", Scope::Server, "<time>", "the time from one check to the next", |endpoint| {
        let time = interval(endpoint)?;
        endpoint.values.get_mut::<ServerCheck>().intervals.normal = time;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("fastinter", Scope::Server, "<time>", "that time while the health of the server changes", |endpoint| {
        let time = interval(endpoint)?;
        endpoint.values.get_mut::<ServerCheck>().intervals.fast = Some(time);
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("downinter", Scope::Server, "<time>", "that time while the server is down", |endpoint| {
        let time = interval(endpoint)?;
        endpoint.values.get_mut::<ServerCheck>().intervals.down = Some(time);
        Ok(())
    })
}
