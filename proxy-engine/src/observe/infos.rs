//! What the connections of a session are below the stream of bytes: their transports and paths.

use proto_core::info::ConnectionInfo;

/// What the connections of both sides really are.
#[derive(Debug, Default)]
pub(crate) struct ConnectionInfos {
    pub(crate) client: Option<ConnectionInfo>,
    pub(crate) server: Option<ConnectionInfo>,
}
