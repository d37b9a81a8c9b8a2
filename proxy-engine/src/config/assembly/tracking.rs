//! Has servers track others, as `track` of their lines says. What is wrong with these lines was reported before.

use std::collections::HashMap;
use std::sync::Arc;

use proxy_config::Configuration;
use proxy_config::endpoint::Servers;
use proxy_health::Track;

use crate::Backend;

/// Connects all servers that track others with them.
pub(super) fn connect(configuration: &Configuration, backends: &HashMap<String, Arc<Backend>>) {
    for section in configuration.backends() {
        let own = section.name.value.as_str();
        let none = Servers::default();
        let Servers(lines) = section.get().unwrap_or(&none);
        for line in lines {
            let Some(track) = line.parameters.values.get::<Track>() else { continue };
            let (of, name) = track.names();
            let place = |backend: &str, server: &str| {
                let backend = backends.get(backend)?;
                Some((backend, backend.index_of(server)?))
            };
            if let (Some((backend, index)), Some((of, tracked))) =
                (place(own, &line.name.value), place(of.unwrap_or(own), name))
            {
                backend.track(index, of, tracked);
            }
        }
    }
}
