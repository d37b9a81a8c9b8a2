//! The HTTP policies of sections in `mode http`.

use std::sync::Arc;

use proxy_config::{Configuration, Mode, Section};
use proxy_http::h1::Limits;
use proxy_http::h1::write::CaseMap;
use proxy_rules::{ErrorMessages, Monitor, PageEntry, Redirects, may_become_http};

use crate::config::keywords::case_adjust::CaseAdjustments;
use crate::policy::{HttpPolicy, HttpTimeouts, HttpTuning, SectionId, Switches, Timeouts};

/// A maker of HTTP policies, with what all sections of a configuration have in common.
#[derive(Debug)]
pub(crate) struct Policies<'c> {
    configuration: &'c Configuration,
    tuning: HttpTuning,
    names: Option<Arc<CaseMap>>,
}

impl<'c> Policies<'c> {
    pub(crate) fn new(configuration: &'c Configuration) -> Policies<'c> {
        let global = &configuration.global;
        let names = global.get::<CaseAdjustments>().and_then(CaseAdjustments::map).map(Arc::new);
        Policies { configuration, tuning: global.get_or_default(), names }
    }

    /// Returns the policy of a section, if it is in `mode http`.
    pub(crate) fn of(&self, section: &Section) -> Option<Arc<HttpPolicy>> {
        (section.values.get_or_default::<Mode>() == Mode::Http).then(|| self.policy(section))
    }

    /// Returns the policy of a frontend in `mode tcp` for sessions that become connections of HTTP, if any may.
    pub(crate) fn of_upgrades(&self, section: &Section) -> Option<Arc<HttpPolicy>> {
        may_become_http(section, self.configuration).then(|| self.policy(section))
    }

    fn policy(&self, section: &Section) -> Arc<HttpPolicy> {
        let values = &section.values;
        let switches: Switches = values.get_or_default();
        Arc::new(HttpPolicy {
            section: SectionId::unique(),
            request_limits: self.request_limits(section),
            response_limits: self.limits(switches.accept_unsafe_responses),
            tuning: self.tuning,
            timeouts: timeouts(section),
            closing: values.get_or_default(),
            reuse: values.get_or_default(),
            retry_on: values.get_or_default(),
            switches,
            aborts: switches.aborts(Mode::Http),
            unusual_names: values.get_or_default(),
            errors: ErrorMessages::of(section, self.configuration),
            rules: values.get_or_default(),
            redirects: values.get_or_default::<Redirects>().0,
            pages: PageEntry::all_of(section),
            cookie: values.get().filter(|_| section.kind.is_backend()).cloned().map(Arc::new),
            monitor: Monitor::of(section),
            forward_for: values.get().cloned(),
            forwarded: values.get_or_default(),
            original_to: values.get().cloned(),
            client_names: self.names(switches.adjust_client_case),
            server_names: self.names(switches.adjust_server_case),
        })
    }

    /// The limits of the requests of a frontend, in any mode: for the codec of its connections, and for the rules of mode
    /// tcp that look at a request before it.
    pub(crate) fn request_limits(&self, section: &Section) -> Limits {
        let switches: Switches = section.values.get_or_default();
        self.limits(switches.accept_unsafe_requests)
    }

    fn limits(&self, accept_unsafe: bool) -> Limits {
        let HttpTuning { most_fields: fields, .. } = self.tuning;
        Limits { head: self.tuning.largest_head(), fields, accept_unsafe, ..Limits::default() }
    }

    fn names(&self, are_adjusted: bool) -> Option<Arc<CaseMap>> {
        self.names.clone().filter(|_| are_adjusted)
    }
}

/// Returns the timeouts of a section. `timeout tarpit` defaults to `timeout connect`, even in a section without
/// servers.
fn timeouts(section: &Section) -> HttpTimeouts {
    let timeouts: HttpTimeouts = section.values.get_or_default();
    let connect = section.values.get_or_default::<Timeouts>().connect;
    HttpTimeouts { tarpit: timeouts.tarpit.or(connect), ..timeouts }
}
