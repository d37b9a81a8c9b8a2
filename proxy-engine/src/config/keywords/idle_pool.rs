//! The limits of idle connections on server lines: `pool-max-conn`, `pool-purge-delay`, `pool-low-conn`, `max-reuse`.

use proxy_config::arguments::Arguments;
use proxy_config::{Parameter, Parsed, Scope, inventory};

use crate::policy::IdlePool;

/// Reads a number, or -1 for no limit.
fn number(args: &mut Arguments<'_>, what: &str) -> Parsed<Option<u32>> {
    let number = args.number(-1..=i32::MAX, what)?;
    Ok(u32::try_from(number).ok())
}

inventory::submit! {
    Parameter::new("pool-max-conn", Scope::Server, "<number>", "most idle connections; -1 for no limit", |endpoint| {
        let most = number(endpoint.args, "idle connections, -1 for no limit")?;
        endpoint.values.get_mut::<IdlePool>().most = most;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("pool-purge-delay", Scope::Server, "<time>", "how often half of the idle connections are closed", |endpoint| {
        let time = endpoint.args.time("a time, 0 to keep none")?;
        endpoint.values.get_mut::<IdlePool>().purge_delay = time;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("pool-low-conn", Scope::Server, "<number>", "number of idle connections below which workers do not share them", |endpoint| {
        let low = endpoint.args.number(0..=i32::MAX as u32, "idle connections")?;
        endpoint.values.get_mut::<IdlePool>().low = low;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("max-reuse", Scope::Server, "<number>", "most reuses of a connection; -1 for no limit", |endpoint| {
        let most = number(endpoint.args, "reuses, -1 for no limit")?;
        endpoint.values.get_mut::<IdlePool>().most_reuses = most;
        Ok(())
    })
}
