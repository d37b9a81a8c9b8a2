//! `slowstart` of server lines.

use std::time::Duration;

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::SlowStart;

inventory::submit! {
    Parameter::new("slowstart", Scope::Server, "<time>", "time in which the weight rises once the server is up again", |endpoint| {
        let time = endpoint.args.time("a time")?;
        // Parts of a second count as a whole one.
        let seconds = time.as_millis().div_ceil(1000);
        endpoint.values.set(SlowStart(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))));
        Ok(())
    })
}
