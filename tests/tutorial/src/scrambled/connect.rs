//! The connecting side: one connector per server, made once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use proto_core::error::ConnectError;
use proto_core::protocol::{Connector, connect_within};
use proto_core::spec::Target;
use proto_core::stream::Stream;
use tokio::time::Instant;

use super::key::{Key, Progress};
use super::stream::ScrambledStream;

/// The time for one address while there are others, if the caller has no limit.
const SHARE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct ScrambledConnector {
    below: Arc<dyn Connector>,
    key: Key,
}

impl ScrambledConnector {
    pub(super) fn new(below: Arc<dyn Connector>, key: Key) -> ScrambledConnector {
        ScrambledConnector { below, key }
    }

    /// Tries the addresses of the server in turn. Each but the last gets its share of the time that is left.
    async fn first_that_answers(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let others = target.alternatives.as_deref().unwrap_or_default();
        for (place, address) in target.addresses().take(others.len()).enumerate() {
            let waiting = u32::try_from(others.len() + 1 - place).unwrap_or(u32::MAX);
            let left = target.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let share = left.map_or(SHARE, |left| left / waiting);
            // The reason is lost; the caller gets that of the last address.
            if let Ok(below) = connect_within(&*self.below, &target.only(address), share).await {
                return Ok(below);
            }
        }
        self.below.connect(&target.only(others.last().unwrap_or(&target.address))).await
    }
}

#[async_trait]
impl Connector for ScrambledConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let below = self.first_that_answers(target).await?;
        Ok(Box::new(ScrambledStream::new(below, Progress::new(self.key.clone()))))
    }

    fn tries_alternatives(&self) -> bool {
        true
    }
}
