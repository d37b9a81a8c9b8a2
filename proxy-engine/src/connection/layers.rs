//! The layers that an accepted connection passes before anything reads it: on its worker, under a deadline.

use std::sync::Arc;
use std::time::Duration;

use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, accept_by};
use proto_core::stream::Stream;
use tokio::time::Instant;

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
        stream = match accept_by(deadline, limit, &**layer, stream, findings).await {
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
