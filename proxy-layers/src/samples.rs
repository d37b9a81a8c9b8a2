//! What a PROXY header has told, for rules and logs: `fc_rcvd_proxy`, `fc_pp_tlv`, `fc_pp_authority`, `fc_pp_unique_id`.

use proxy_rules::fetch::{Fetch, FetchEntry};
