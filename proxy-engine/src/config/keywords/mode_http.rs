//! Warns of options that have no effect in mode tcp, as HAProxy does.

use std::sync::Arc;

use proxy_config::inventory;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Mode, Section};

use proxy_rules::ForwardedField;

use crate::policy::{ForwardFor, OriginalTo, Switches};

inventory::submit! { Check { name: "http-options", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // After an error the mode is not known: its line may not have been understood.
    if !diagnostics.is_usable() {
        return;
    }
    for section in &configuration.proxies {
        if section.values.get_or_default::<Mode>() != Mode::Tcp {
            continue;
        }
        for name in in_vain(section) {
            let message = format!("'option {name}' of {} '{}' has no effect", section.kind, section.name);
            diagnostics.push(Diagnostic::warning(section.span(), message).help("it needs 'mode http'"));
        }
    }
}

/// Returns the options of this section that need mode http, if its kind may have them.
fn in_vain(section: &Section) -> impl Iterator<Item = &'static str> {
    let switches: Switches = section.values.get_or_default();
    let (client, server) = (section.kind.is_frontend(), section.kind.is_backend());
    [
        ("http-buffer-request", switches.buffer_request),
        ("http-ignore-probes", switches.ignore_probes && client),
        ("prefer-last-server", switches.prefer_last_server && server),
        ("accept-unsafe-violations-in-http-request", switches.accept_unsafe_requests && client),
        ("accept-unsafe-violations-in-http-response", switches.accept_unsafe_responses && server),
        ("http-no-delay", switches.no_delay),
        ("http-pretend-keepalive", switches.pretend_keep_alive && server),
        ("forwarded", server && section.values.get_or_default::<Option<Arc<ForwardedField>>>().is_some()),
        ("forwardfor", section.get::<ForwardFor>().is_some()),
        ("originalto", section.get::<OriginalTo>().is_some()),
    ]
    .into_iter()
    .filter_map(|(name, said)| said.then_some(name))
}
