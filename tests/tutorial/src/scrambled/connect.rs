//! The connecting side: one connector for each server, made once.

use std::sync::Arc;

use async_trait::async_trait;
use proto_core::error::ConnectError;
use proto_core::protocol::Connector;
use proto_core::spec::Target;
use proto_core::stream::Stream;

use super::key::{Key, Progress};
use super::stream::ScrambledStream;

#[derive(Debug)]
pub(super) struct ScrambledConnector {
    below: Arc<dyn Connector>,
    key: Key,
}

impl ScrambledConnector {
    pub(super) fn new(below: Arc<dyn Connector>, key: Key) -> ScrambledConnector {
        ScrambledConnector { below, key }
    }
}

#[async_trait]
impl Connector for ScrambledConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let below = self.below.connect(target).await?;
        Ok(Box::new(ScrambledStream::new(below, Progress::new(self.key.clone()))))
    }
}
