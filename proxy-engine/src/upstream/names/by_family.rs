//! Connections to a server whose name may have addresses of both families: each family has a connector of its own.

use std::sync::Arc;

use async_trait::async_trait;
use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::protocol::Connector;
use proto_core::spec::Target;
use proto_core::stream::Stream;

/// The connectors of both families.
#[derive(Clone, Debug)]
pub struct ByFamily {
    /// For IPv4.
    pub v4: Arc<dyn Connector>,
    /// For IPv6.
    pub v6: Arc<dyn Connector>,
}

#[async_trait]
impl Connector for ByFamily {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let is_v6 = matches!(&target.address, Address::Inet(inet) if inet.is_ipv6());
        let connector = if is_v6 { &self.v6 } else { &self.v4 };
        connector.connect(target).await
    }
}
