//! The content rules of sections in `mode tcp`.

use std::sync::Arc;

use proxy_config::{Mode, Section, Values};
use proxy_rules::SectionRules;

use crate::policy::{HttpTuning, Inspection};

/// Returns the content rules of a section, if it is in `mode tcp` and has any.
pub(super) fn of(section: &Section, global: &Values) -> Option<Arc<Inspection>> {
    if section.values.get_or_default::<Mode>() == Mode::Http {
        return None;
    }
    let rules = section.get::<SectionRules>()?.clone();
    let SectionRules { request_content: request, response_content: response, .. } = rules;
    let has_rules = !(request.rules.is_empty() && response.rules.is_empty());
    // As much of a buffer as the head of a message may use, as in HAProxy.
    let limit = global.get_or_default::<HttpTuning>().largest_head();
    let reads_request = request.rules.reads_request();
    has_rules.then(|| Arc::new(Inspection { request, response, reads_request, limit }))
}
