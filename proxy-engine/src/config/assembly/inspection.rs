//! The content rules of sections in `mode tcp`.

use std::sync::Arc;

use proxy_config::{Mode, Section, Values};
use proxy_rules::SectionRules;

use crate::policy::{HttpTuning, Inspection};

/// Those of a section, if it is in `mode tcp` and has some.
pub(super) fn of(section: &Section, global: &Values) -> Option<Arc<Inspection>> {
    if section.values.get_or_default::<Mode>() == Mode::Http {
        return None;
    }
    let rules = section.get::<SectionRules>()?.clone();
    let SectionRules { request_content: request, response_content: response, .. } = rules;
    let has_rules = !(request.rules.is_empty() && response.rules.is_empty());
    // The same part of a buffer as for the head of a message, as in HAProxy.
    let limit = global.get_or_default::<HttpTuning>().largest_head();
    has_rules.then(|| Arc::new(Inspection { request, response, limit }))
}
