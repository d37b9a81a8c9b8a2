//! What to run, as data.

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
    /// Asks for that many bytes.
    Get { bytes: u64, chunk: Option<NonZeroU64> },
    /// Sends that many, and gets the origin's verdict.
    Post { bytes: u64, chunk: Option<NonZeroU64> },
}

impl HttpJob {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Get { .. } => "get",
            Self::Post { .. } => "post",
        }
    }

    /// Of the body that counts: the answer's, or the request's.
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
    /// Requests at a time, each on a connection of its own.
    pub connections: usize,
    /// Whether a connection is used again. If not, each request says `Connection: close` and is done when the
    /// connection is.
    pub keep_alive: bool,
    pub amount: Amount,
    /// Requests per second in all, begun at even distances whether or not earlier ones are answered (an open loop);
    /// latencies then count from when a request was meant to begin. `None` begins the next when one is answered.
    pub rate: Option<f64>,
    /// For the whole run, or with [`Amount::For`] for what is under way at its end.
    pub timeout: Duration,
    /// Each request asks for bytes of a seed of its own, made from this one.
    pub seed: Seed,
    /// Counts answered requests, and ends with the run.
    pub progress: Arc<Progress>,
}

impl HttpPlan {
    /// One connection, kept, in a closed loop.
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
