//! The content rules of sections in `mode tcp`.

use std::sync::Arc;

use proxy_config::{Mode, Section, Values};

use crate::policy::{HttpTuning, Inspection};

/// Returns the content rules of a section, if it is in `mode tcp` and has any.
pub(super) fn of(section: &Section, global: &Values) -> Option<Arc<Inspection>> {
    if section.values.get_or_default::<Mode>() == Mode::Http {
        return None;
    }
    // As much of a buffer as the head of a message may use, as in HAProxy.
    let limit = global.get_or_default::<HttpTuning>().largest_head();
    Inspection::of(section.get()?, limit).map(Arc::new)
}
