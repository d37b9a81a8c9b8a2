//! The layers that an accepted connection passes before anything reads it: on its worker, under a deadline.

use std::sync::Arc;
use std::time::Duration;

use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError};
use proto_core::stream::Stream;
use tokio::time::{Instant, timeout_at};

use crate::observe::{Cause, Stage, Termination};

/// Longer than any handshake: what a frontend without `timeout client` waits.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Does the handshakes of all layers, the one next to the transport first, within one limit.
///
/// # Errors
/// How the connection ended.
pub(crate) async fn establish(
    mut stream: Box<dyn Stream>,
    layers: &[Arc<dyn Layer>],
    limit: Option<Duration>,
    findings: &mut Findings,
) -> Result<Box<dyn Stream>, Termination> {
    let limit = limit.unwrap_or(LONGEST);
    let deadline = Instant::now() + limit;
    for layer in layers {
        let accepted = timeout_at(deadline, layer.accept(stream, findings)).await;
        let too_late = || LayerError::TimedOut { layer: layer.name(), code: layer.timeout_code(), limit };
        stream = match accepted.unwrap_or_else(|_| Err(too_late())) {
            Ok(stream) => stream,
            Err(error) => {
                let termination = termination(&error);
                findings.error = Some(Arc::new(error));
                return Err(termination);
            }
        };
    }
    Ok(stream)
}

fn termination(error: &LayerError) -> Termination {
    if error.code().is_some() {
        // Failures that HAProxy has a code for are put down to the proxy by it, whoever caused them.
        return Termination::new(Cause::Proxy, Stage::Request);
    }
    let cause = match error {
        LayerError::TimedOut { .. } => Cause::ClientTimeout,
        LayerError::Failed { .. } => Cause::Client,
    };
    Termination::new(cause, Stage::Setup)
}
