//! What sections of `mode http` say about it, made ready for the engine.

use std::sync::Arc;

use proxy_config::{Configuration, Mode, Section};
use proxy_engine::config::CaseAdjustments;
use proxy_engine::policy::{HttpPolicy, HttpTuning, SectionId, Switches};
use proxy_http::h1::Limits;
use proxy_http::h1::write::CaseMap;
use proxy_rules::{ErrorMessages, Monitor, Redirects};

/// What all sections have in common.
#[derive(Debug)]
pub(super) struct HttpGlobals {
    tuning: HttpTuning,
    names: Option<Arc<CaseMap>>,
}

impl HttpGlobals {
    /// What the global section says.
    pub(super) fn of(configuration: &Configuration) -> HttpGlobals {
        let names = configuration.global.get::<CaseAdjustments>().and_then(CaseAdjustments::map);
        HttpGlobals { tuning: configuration.global.get_or_default(), names: names.map(Arc::new) }
    }

    /// What a section says, if it is of that mode.
    pub(super) fn config(&self, section: &Section, configuration: &Configuration) -> Option<Arc<HttpPolicy>> {
        let values = &section.values;
        if values.get_or_default::<Mode>() != Mode::Http {
            return None;
        }
        let switches: Switches = values.get_or_default();
        let limits = |accept_unsafe| Limits {
            head: self.tuning.largest_head(),
            fields: self.tuning.most_fields,
            accept_unsafe,
            ..Limits::default()
        };
        let names = |adjusted: bool| self.names.clone().filter(|_| adjusted);
        Some(Arc::new(HttpPolicy {
            section: SectionId::unique(),
            request_limits: limits(switches.accept_unsafe_requests),
            response_limits: limits(switches.accept_unsafe_responses),
            tuning: self.tuning,
            timeouts: values.get_or_default(),
            closing: values.get_or_default(),
            reuse: values.get_or_default(),
            retry_on: values.get_or_default(),
            switches,
            aborts: switches.aborts(Mode::Http),
            unusual_names: values.get_or_default(),
            errors: ErrorMessages::of(section, configuration),
            rules: values.get_or_default(),
            redirects: values.get_or_default::<Redirects>().0,
            monitor: Monitor::of(section),
            forward_for: values.get().cloned(),
            original_to: values.get().cloned(),
            client_names: names(switches.adjust_client_case),
            server_names: names(switches.adjust_server_case),
        }))
    }
}
