//! The connections of a session below the stream of bytes: their transports and paths.

use proto_core::info::ConnectionInfo;

/// What is known of the connections of both sides.
#[derive(Debug, Default)]
pub(crate) struct ConnectionInfos {
    pub(crate) client: Option<ConnectionInfo>,
    pub(crate) server: Option<ConnectionInfo>,
}
