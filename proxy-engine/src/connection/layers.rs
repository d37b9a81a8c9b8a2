//! The layers that an accepted connection passes before anything reads it: on its worker, under a deadline.

use std::sync::Arc;
use std::time::Duration;

use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, accept_within};
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
    let began = Instant::now();
    for layer in layers {
        let left = limit.unwrap_or(LONGEST).saturating_sub(began.elapsed());
        stream = match accept_within(&**layer, stream, findings, left).await {
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
    let cause = match error {
        LayerError::TimedOut { .. } => Cause::ClientTimeout,
        LayerError::Failed { .. } => Cause::Client,
    };
    Termination::new(cause, Stage::Setup)
}
