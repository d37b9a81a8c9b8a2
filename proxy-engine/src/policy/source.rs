//! The source address of connections to servers.

use proto_core::spec::Settings;

/// `source`: the options of connections to servers whose own line has no `source`.
#[derive(Clone, Debug)]
pub struct SourceAddress(pub Settings);
