//! The plan of a run, as data.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use super::pace::Amount;
use crate::pattern::Seed;
use crate::plan::{Plan, Target};
use crate::progress::Progress;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpJob {
    /// Requests a body of this length.
    Get { bytes: u64, chunk: Option<NonZeroU64> },
    /// Sends a body of this length, and receives the origin's verdict.
    Post { bytes: u64, chunk: Option<NonZeroU64> },
}

impl HttpJob {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Get { .. } => "get",
            Self::Post { .. } => "post",
        }
    }

    /// Returns the length of the body that is counted: the response's, or the request's.
    pub(crate) const fn bytes(&self) -> u64 {
        match self {
            Self::Get { bytes, .. } | Self::Post { bytes, .. } => *bytes,
        }
    }
}

/// A run of requests.
#[derive(Clone, Debug)]
pub struct HttpPlan {
    pub target: Target,
    pub job: HttpJob,
    /// The number of requests at a time, each on a connection of its own.
    pub connections: usize,
    /// Whether connections are reused. If not, each request has `Connection: close` and is complete when the
    /// connection is closed.
    pub keep_alive: bool,
    pub amount: Amount,
    /// Requests per second in total, started at even distances whether or not earlier ones have a response (an open
    /// loop); latencies then count from the intended start. With `None` the next starts when a response is complete.
    pub rate: Option<f64>,
    /// The timeout of the whole run, or with [`Amount::For`] of the requests in progress at its end.
    pub timeout: Duration,
    /// The seed from which each request's own seed is made.
    pub seed: Seed,
    /// The counter of completed requests, which ends with the run.
    pub progress: Arc<Progress>,
}

impl HttpPlan {
    /// Creates a plan with one kept connection in a closed loop.
    pub fn new(target: Target, job: HttpJob, amount: Amount) -> Self {
        Self {
            target,
            job,
            connections: 1,
            keep_alive: true,
            amount,
            rate: None,
            timeout: Plan::TIMEOUT,
            seed: Seed::random(),
            progress: Arc::default(),
        }
    }
}
