//! The figures: medians and their spread, as a table that reads the same in a terminal and in Markdown.

use std::fmt;
use std::time::Duration;

use super::cases::{Case, Unit};
use super::rivals::{Rival, RivalKind};
use super::{CONGESTION_CONTROL, Comparison};
use crate::http::HttpReport;

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The CPU time per unit, in the case's unit.
    cost: f64,
    requests_per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl Sample {
    /// Returns `None` if the process was not measured or no request was completed.
    pub(crate) fn of(case: &Case, report: &HttpReport) -> Option<Self> {
        let micros = report.cost?.micros_per(report.ok)?;
        Some(Self {
            cost: case.unit.of_micros(micros),
            requests_per_second: report.requests_per_second(),
            p50: report.latency.quantile(0.5),
            p99: report.latency.quantile(0.99),
        })
    }
}

/// The reason why there are no figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// This kind of proxy does not support the case.
    Cannot(&'static str),
    /// It should have worked, and failed.
    Failed(String),
}

/// One proxy under one load.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    name: String,
    pub(crate) samples: Vec<Sample>,
    pub(crate) left_out: Option<LeftOut>,
}

impl Entry {
    pub(crate) fn new(rival: &Rival, tuned: bool) -> Self {
        let name = rival.name() + if tuned { ", tuned" } else { "" };
        Self { name, samples: Vec::new(), left_out: None }
    }
}

/// All figures of a comparison.
#[derive(Clone, Debug)]
pub struct Table {
    head: String,
    missing: Vec<RivalKind>,
    rows: Vec<(String, Unit, Vec<Entry>)>,
}

impl Table {
    pub(crate) fn new(comparison: &Comparison, rivals: &[Rival], missing: Vec<RivalKind>) -> Self {
        let mut head = format!(
            "CPU time of the proxy (user and system), median of {} rounds of {:?}; congestion control {CONGESTION_CONTROL}; \
             proxy on core {}, client, origin and log sink on core {}\n",
            comparison.rounds, comparison.duration, comparison.proxy_core, comparison.load_core
        );
        for rival in rivals {
            head.push_str(&format!("{}: {}\n", rival.name(), rival.version()));
        }
        Self { head, missing, rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, case: &Case, entries: Vec<Entry>) {
        self.rows.push((case.name(), case.unit, entries));
    }

    /// Returns whether there are figures for every proxy that was found and every load that its kind supports.
    pub fn is_complete(&self) -> bool {
        let entries = || self.rows.iter().flat_map(|(_, _, entries)| entries);
        entries().any(|entry| entry.left_out.is_none())
            && !entries().any(|entry| matches!(entry.left_out, Some(LeftOut::Failed(_))))
    }

    /// Returns proxy and reason, with the loads that it is true for.
    fn left_out(&self) -> Vec<(&str, &LeftOut, Vec<&str>)> {
        let mut all: Vec<(&str, &LeftOut, Vec<&str>)> = Vec::new();
        for (load, _, entries) in &self.rows {
            for entry in entries {
                let Some(reason) = &entry.left_out else { continue };
                match all.iter_mut().find(|(name, other, _)| *name == entry.name && *other == reason) {
                    Some((_, _, loads)) => loads.push(load),
                    None => all.push((&entry.name, reason, vec![load])),
                }
            }
        }
        all
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        for kind in &self.missing {
            writeln!(f, "{}: left out, there is no such binary", kind.name())?;
        }
        writeln!(
            f,
            "\n| load | proxy | cost | lowest | highest | to the first | unit | requests/s | p50 us | p99 us |"
        )?;
        writeln!(f, "| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |")?;
        for (load, unit, entries) in &self.rows {
            let measured = || entries.iter().filter(|entry| entry.left_out.is_none());
            let first = measured().next().map_or(f64::NAN, |entry| spread(&entry.samples, |s| s.cost).0);
            for entry in measured() {
                let of = |value: fn(&Sample) -> f64| spread(&entry.samples, value);
                let (cost, lowest, highest) = of(|sample| sample.cost);
                writeln!(
                    f,
                    "| {load} | {} | {cost:.3} | {lowest:.3} | {highest:.3} | {:.2} | {} | {:.0} | {:.0} | {:.0} |",
                    entry.name,
                    cost / first,
                    unit.name(),
                    of(|sample| sample.requests_per_second).0,
                    of(|sample| sample.p50.as_secs_f64() * 1e6).0,
                    of(|sample| sample.p99.as_secs_f64() * 1e6).0,
                )?;
            }
        }
        for (name, reason, loads) in self.left_out() {
            let reason = match reason {
                LeftOut::Cannot(reason) => reason,
                LeftOut::Failed(reason) => reason.as_str(),
            };
            writeln!(f, "left out: {name} at {}: {reason}", loads.join("; "))?;
        }
        Ok(())
    }
}

/// Returns median, lowest and highest value.
fn spread(samples: &[Sample], value: fn(&Sample) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = samples.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let Some((&lowest, &highest)) = values.first().zip(values.last()) else {
        return (f64::NAN, f64::NAN, f64::NAN);
    };
    let middle = values.len() / 2;
    let median =
        if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
    (median, lowest, highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(cost: f64) -> Sample {
        Sample { cost, requests_per_second: 0.0, p50: Duration::ZERO, p99: Duration::ZERO }
    }

    #[test]
    fn medians_are_those_of_the_rounds() {
        let of = |costs: &[f64]| {
            spread(&costs.iter().copied().map(sample).collect::<Vec<_>>(), |sample| sample.cost)
        };
        assert_eq!(of(&[3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), (2.5, 1.0, 4.0));
        assert!(of(&[]).0.is_nan());
    }
}
