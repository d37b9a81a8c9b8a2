//! Runs a plan.

use super::client::{Client, HttpRunError};
use super::plan::HttpPlan;
use super::report::HttpReport;
use crate::cost::Meter;

/// Runs a plan on the calling thread. Returns an error if it could not be measured or waited for; failures of
/// requests are in the report.
pub fn run_http(plan: &HttpPlan) -> Result<HttpReport, HttpRunError> {
    let meter = Meter::start(&plan.target.processes)?;
    let ran = Client::new(plan)?.run()?;
    let cost = meter.stop();
    plan.progress.end();
    Ok(HttpReport::new(plan, ran, cost))
}
