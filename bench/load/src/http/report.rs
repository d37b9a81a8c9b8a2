//! The results of a run of requests, as a value, a line for people and a line of JSON.

use std::fmt;
use std::time::Duration;

use super::client::Ran;
use super::plan::HttpPlan;
use crate::cost::{Cost, ProcessError};
use crate::histogram::Histogram;
use crate::link::Transport;
use crate::pattern::Seed;
use crate::tally::{ErrorCounts, PathCounts};
use crate::wording::{
    cost_or_reason, errors_json, number, paths_json, per_second, string, write_paths, write_trouble,
};

/// The limits in milliseconds for which slower requests are counted.
const SLOW: [u64; 3] = [10, 100, 1000];

/// The results of a run of requests. MB is 10^6 bytes.
#[derive(Clone, Debug)]
pub struct HttpReport {
    /// `get` or `post`.
    pub job: &'static str,
    pub transport: Transport,
    pub seed: Seed,
    /// The requests that are part of the run. Those neither right nor wrong were not tried before the timeout
    /// expired.
    pub requests: u64,
    /// The requests whose response was right to the last byte.
    pub ok: u64,
    /// The body bytes of those responses.
    pub bytes: u64,
    pub elapsed: Duration,
    /// The connections opened, again after each that closed.
    pub connections: u64,
    /// Of the responses that were right: from the start of the request (the intended one with a rate; the connect,
    /// if there was no connection yet) to the last byte, or to the end of a connection that closes.
    pub latency: Histogram,
    pub errors: ErrorCounts,
    pub first_error: Option<String>,
    pub paths: PathCounts,
    pub cost: Option<Cost>,
    /// The reason why there is no cost although it was requested.
    pub cost_error: Option<String>,
}

impl HttpReport {
    pub(crate) fn new(plan: &HttpPlan, ran: Ran, cost: Result<Option<Cost>, ProcessError>) -> Self {
        let (cost, cost_error) = cost_or_reason(cost);
        Self {
            job: plan.job.name(),
            transport: plan.target.transport,
            seed: plan.seed,
            requests: ran.requests,
            ok: ran.tally.ok,
            bytes: ran.tally.bytes,
            elapsed: ran.elapsed,
            connections: ran.opened,
            latency: ran.latency,
            errors: ran.tally.errors,
            first_error: ran.tally.first_error,
            paths: ran.tally.paths,
            cost,
            cost_error,
        }
    }

    /// Returns whether every request has a response and every byte was right.
    pub fn is_ok(&self) -> bool {
        self.ok == self.requests && self.errors.total() == 0
    }

    pub fn not_tried(&self) -> u64 {
        self.requests.saturating_sub(self.ok + self.errors.total())
    }

    pub fn requests_per_second(&self) -> f64 {
        per_second(self.ok, self.elapsed)
    }

    pub fn megabytes_per_second(&self) -> f64 {
        per_second(self.bytes, self.elapsed) / 1e6
    }

    /// Returns names and values in microseconds.
    fn latencies(&self) -> [(&'static str, f64); 4] {
        let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];
        let [p50, p90, p99] =
            quantiles.map(|(name, share)| (name, self.latency.quantile(share).as_secs_f64() * 1e6));
        [p50, p90, p99, ("max", self.latency.max().as_secs_f64() * 1e6)]
    }

    /// Formats one line, without its end. Unknown values are `null`.
    pub fn to_json(&self) -> String {
        let latency = self.latencies().map(|(name, micros)| format!("\"{name}\":{micros:.1}")).join(",");
        let slower =
            SLOW.map(|millis| format!("\"{millis}\":{}", self.latency.above(Duration::from_millis(millis))));
        let slower = slower.join(",");
        let cost = self.cost.map_or_else(
            || "null".to_owned(),
            |cost| {
                format!(
                    "{{\"seconds\":{:.2},\"us_per_request\":{},\"seconds_per_gb\":{},\"rss_bytes\":{}}}",
                    cost.cpu.as_secs_f64(),
                    number(cost.micros_per(self.ok), 3),
                    number(cost.seconds_per_gb(self.bytes), 4),
                    cost.memory,
                )
            },
        );
        let (errors, paths) = (errors_json(&self.errors), paths_json(self.paths));
        format!(
            "{{\"job\":\"{}\",\"transport\":\"{}\",\"ok\":{},\"requests\":{},\"requests_ok\":{},\"not_tried\":{},\
             \"requests_per_s\":{:.1},\"bytes\":{},\"mb_per_s\":{:.3},\"seconds\":{:.6},\"connections\":{},\
             \"latency_us\":{{{latency}}},\"slower_than_ms\":{{{slower}}},\"errors\":{errors},\"first_error\":{},\
             \"mptcp\":{paths},\"cost\":{cost},\"cost_error\":{},\"seed\":\"{:#018x}\"}}",
            self.job,
            self.transport.name(),
            self.is_ok(),
            self.requests,
            self.ok,
            self.not_tried(),
            self.requests_per_second(),
            self.bytes,
            self.megabytes_per_second(),
            self.elapsed.as_secs_f64(),
            self.connections,
            string(self.first_error.as_deref()),
            string(self.cost_error.as_deref()),
            self.seed.0,
        )
    }
}

impl fmt::Display for HttpReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}: {} of {} requests in {:.3} s = {:.0}/s, {} bytes = {:.1} MB/s, {} connections; latency",
            if self.is_ok() { "ok" } else { "FAILED" },
            self.job,
            self.transport.name(),
            self.ok,
            self.requests,
            self.elapsed.as_secs_f64(),
            self.requests_per_second(),
            self.bytes,
            self.megabytes_per_second(),
            self.connections,
        )?;
        for (name, micros) in self.latencies() {
            write!(f, " {name} {micros:.0}")?;
        }
        f.write_str(" us")?;
        write_paths(f, self.transport, self.paths)?;
        if let Some(cost) = self.cost {
            write!(f, "; cpu {:.2} s", cost.cpu.as_secs_f64())?;
            if let Some(micros) = cost.micros_per(self.ok) {
                write!(f, " = {micros:.2} us/request")?;
            }
        }
        write_trouble(
            f,
            &self.errors,
            self.not_tried(),
            self.first_error.as_deref(),
            self.cost_error.as_deref(),
        )
    }
}
