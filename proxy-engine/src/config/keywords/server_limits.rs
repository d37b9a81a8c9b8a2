//! `maxconn`, `minconn` and `maxqueue` of server lines; 0 is no limit.

use proxy_config::arguments::Arguments;
use proxy_config::{Parameter, Parsed, Scope, inventory};

use crate::policy::ServerLimits;

/// The largest number that HAProxy accepts.
const MOST: usize = i32::MAX as usize;

fn limit(args: &mut Arguments<'_>, what: &str) -> Parsed<Option<usize>> {
    let number = args.number(0..=MOST, what)?;
    Ok(Some(number).filter(|number| *number > 0))
}

inventory::submit! {
    Parameter::new("maxconn", Scope::Server, "<number>", "most concurrent sessions; others wait in a queue", |endpoint| {
        let maxconn = limit(endpoint.args, "concurrent sessions")?;
        endpoint.values.get_mut::<ServerLimits>().maxconn = maxconn;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("minconn", Scope::Server, "<number>", "most concurrent sessions while the backend is idle; see 'fullconn'", |endpoint| {
        let minconn = endpoint.args.number(0..=MOST, "concurrent sessions")?;
        endpoint.values.get_mut::<ServerLimits>().minconn = minconn;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("maxqueue", Scope::Server, "<number>", "most sessions that wait for this server", |endpoint| {
        let maxqueue = limit(endpoint.args, "waiting sessions")?;
        endpoint.values.get_mut::<ServerLimits>().maxqueue = maxqueue;
        Ok(())
    })
}
