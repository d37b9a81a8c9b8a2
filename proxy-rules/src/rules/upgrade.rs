//! Sections of mode tcp whose sessions may become HTTP connections.

use proxy_config::{Configuration, Mode, Section, default_backend};

use super::SectionRules;
use crate::use_backend::UseBackends;

/// Returns whether sessions of a frontend of mode tcp may become HTTP connections: a rule makes them so, or one of the
/// possible backends is of mode http.
pub fn may_become_http(section: &Section, configuration: &Configuration) -> bool {
    let is_http = |section: &Section| section.values.get_or_default::<Mode>() == Mode::Http;
    if !section.kind.is_frontend() || is_http(section) {
        return false;
    }
    let is_http_backend =
        |name: &str| configuration.backends().any(|backend| backend.name.value == name && is_http(backend));
    section.get::<SectionRules>().is_some_and(|rules| rules.switches_mode)
        || default_backend(section).is_some_and(|name| is_http_backend(&name.value))
        || section.get::<UseBackends>().is_some_and(|rules| rules.may_lead_to(is_http_backend))
}
