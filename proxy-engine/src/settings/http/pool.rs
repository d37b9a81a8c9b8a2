//! Parameters of server lines about connections that are kept while nobody uses them.

use std::time::Duration;

use proxy_config::arguments::Arguments;
use proxy_config::{Parameter, Parsed, Scope, inventory};

/// What a server keeps of idle connections. They are those that [`Reuse`](super::Reuse) lets others use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdlePool {
    /// `pool-max-conn`: how many there may be. `None` for any number, which is the default.
    pub most: Option<u32>,
    /// `pool-purge-delay`: each time that this has passed, half of those that were not needed meanwhile are closed.
    /// Zero keeps none. The default is 5 s.
    pub purge_delay: Duration,
    /// `pool-low-conn`: with fewer than this in all, a worker does not take those of another. The default is 0.
    pub low: u32,
    /// `max-reuse`: how often a connection is used again; 0 is once and no more. `None` for any number, which is the
    /// default.
    pub most_reuses: Option<u32>,
}

impl Default for IdlePool {
    fn default() -> IdlePool {
        IdlePool { most: None, purge_delay: Duration::from_secs(5), low: 0, most_reuses: None }
    }
}

/// A number, or -1 for none.
fn number(args: &mut Arguments<'_>, what: &str) -> Parsed<Option<u32>> {
    let number = args.number(-1..=i32::MAX, what)?;
    Ok(u32::try_from(number).ok())
}

inventory::submit! {
    Parameter::new("pool-max-conn", Scope::Server, "<number>", "idle connections that are kept; -1 for any number", |endpoint| {
        let most = number(endpoint.args, "idle connections, -1 for any number")?;
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
    Parameter::new("pool-low-conn", Scope::Server, "<number>", "with fewer idle connections each worker keeps its own", |endpoint| {
        let low = endpoint.args.number(0..=i32::MAX as u32, "idle connections")?;
        endpoint.values.get_mut::<IdlePool>().low = low;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("max-reuse", Scope::Server, "<number>", "how often a connection is used again; -1 for any number", |endpoint| {
        let most = number(endpoint.args, "times, -1 for any number")?;
        endpoint.values.get_mut::<IdlePool>().most_reuses = most;
        Ok(())
    })
}
