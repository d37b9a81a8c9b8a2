//! The results of a run, as a value, a line for people and a line of JSON.

use std::fmt;
use std::time::Duration;

use crate::cost::{Cost, ProcessError};
use crate::link::Transport;
use crate::pattern::Seed;
use crate::tally::{ErrorCounts, PathCounts, Tally};
use crate::wording::{
    cost_or_reason, errors_json, number, paths_json, per_second, string, write_paths, write_trouble,
};

/// The results of a run. Sizes are decimal: MB is 10^6 and GB 10^9 bytes.
#[derive(Clone, Debug)]
pub struct Report {
    /// `down`, `up`, `echo`, `connect` or `hold`.
    pub job: &'static str,
    pub transport: Transport,
    pub seed: Seed,
    /// The payload bytes known to be right; those of an echo count once, when they have returned.
    pub bytes: u64,
    /// The time from before the first connect to after the last end; for `hold` the opening only.
    pub elapsed: Duration,
    /// The connections requested. Those neither right nor wrong were not tried before the timeout expired.
    pub connections: u64,
    /// The connections on which everything was right.
    pub ok: u64,
    pub errors: ErrorCounts,
    pub first_error: Option<String>,
    /// The longest gap between two successful reads of any stream, measured on the receiving side.
    pub longest_stall: Duration,
    pub paths: PathCounts,
    pub cost: Option<Cost>,
    /// The reason why there is no cost although it was requested.
    pub cost_error: Option<String>,
}

impl Report {
    pub(crate) fn new(
        job: &'static str,
        transport: Transport,
        seed: Seed,
        connections: u64,
        elapsed: Duration,
        tally: Tally,
        cost: Result<Option<Cost>, ProcessError>,
    ) -> Self {
        let (cost, cost_error) = cost_or_reason(cost);
        Self {
            job,
            transport,
            seed,
            bytes: tally.bytes,
            elapsed,
            connections,
            ok: tally.ok,
            errors: tally.errors,
            first_error: tally.first_error,
            longest_stall: tally.stall,
            paths: tally.paths,
            cost,
            cost_error,
        }
    }

    /// Returns whether every connection was made and every byte was right.
    pub fn is_ok(&self) -> bool {
        self.ok == self.connections && self.errors.total() == 0
    }

    pub fn not_tried(&self) -> u64 {
        self.connections.saturating_sub(self.ok + self.errors.total())
    }

    pub fn megabytes_per_second(&self) -> f64 {
        per_second(self.bytes, self.elapsed) / 1e6
    }

    pub fn connections_per_second(&self) -> f64 {
        per_second(self.ok, self.elapsed)
    }

    /// Formats one line, without its end. Durations are in the unit their key names; unknown values are `null`.
    pub fn to_json(&self) -> String {
        let cost = self.cost.map_or_else(
            || "null".to_owned(),
            |cost| {
                format!(
                    "{{\"seconds\":{:.2},\"seconds_per_gb\":{},\"us_per_connection\":{},\"rss_bytes\":{},\
                     \"rss_growth_bytes\":{},\"rss_growth_per_connection\":{}}}",
                    cost.cpu.as_secs_f64(),
                    number(cost.seconds_per_gb(self.bytes), 4),
                    number(cost.micros_per(self.ok), 2),
                    cost.memory,
                    cost.memory_growth,
                    number(cost.bytes_per_connection(self.ok), 0),
                )
            },
        );
        let (errors, paths) = (errors_json(&self.errors), paths_json(self.paths));
        format!(
            "{{\"job\":\"{}\",\"transport\":\"{}\",\"ok\":{},\"bytes\":{},\"seconds\":{:.6},\"mb_per_s\":{:.3},\
             \"connections\":{},\"connections_ok\":{},\"connections_per_s\":{:.1},\"not_tried\":{},\
             \"errors\":{errors},\"first_error\":{},\"longest_stall_ms\":{:.3},\
             \"mptcp\":{paths},\"cost\":{cost},\"cost_error\":{},\"seed\":\"{:#018x}\"}}",
            self.job,
            self.transport.name(),
            self.is_ok(),
            self.bytes,
            self.elapsed.as_secs_f64(),
            self.megabytes_per_second(),
            self.connections,
            self.ok,
            self.connections_per_second(),
            self.not_tried(),
            string(self.first_error.as_deref()),
            self.longest_stall.as_secs_f64() * 1e3,
            string(self.cost_error.as_deref()),
            self.seed.0,
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_ok() { "ok" } else { "FAILED" };
        write!(
            f,
            "{verdict} {} {}: {} bytes in {:.3} s = {:.1} MB/s, {} of {} connections = {:.0}/s, longest stall {:.1} ms",
            self.job,
            self.transport.name(),
            self.bytes,
            self.elapsed.as_secs_f64(),
            self.megabytes_per_second(),
            self.ok,
            self.connections,
            self.connections_per_second(),
            self.longest_stall.as_secs_f64() * 1e3,
        )?;
        write_paths(f, self.transport, self.paths)?;
        if let Some(cost) = self.cost {
            write!(f, "; cpu {:.2} s", cost.cpu.as_secs_f64())?;
            if let Some(seconds) = cost.seconds_per_gb(self.bytes) {
                write!(f, " = {seconds:.3} s/GB")?;
            }
            if let Some(micros) = cost.micros_per(self.ok) {
                write!(f, " = {micros:.1} us/connection")?;
            }
            if let Some(bytes) = cost.bytes_per_connection(self.ok) {
                write!(f, ", memory {:+} = {bytes:.0} bytes/connection", cost.memory_growth)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_one_line_with_everything_in_it() {
        let mut tally =
            Tally { ok: 3, bytes: 2_000_000, first_error: Some("a \"b\"\n".into()), ..Tally::default() };
        tally.errors.reset = 1;
        let cost = Cost { cpu: Duration::from_millis(500), memory: 9, memory_growth: -1 };
        let second = Duration::from_secs(1);
        let report = Report::new("up", Transport::Mptcp, Seed(1), 5, second, tally, Ok(Some(cost)));
        let json = report.to_json();
        for part in [
            "\"job\":\"up\"",
            "\"ok\":false",
            "\"mb_per_s\":2.000",
            "\"not_tried\":1",
            "\"reset\":1",
            "\"first_error\":\"a \\\"b\\\"\\u000a\"",
            "\"seconds_per_gb\":250.0000",
            "\"cost_error\":null",
        ] {
            assert!(json.contains(part), "{part} in {json}");
        }
        assert!(!json.contains('\n'));
        assert!(report.to_string().starts_with("FAILED up mptcp: 2000000 bytes"), "{report}");
    }
}
