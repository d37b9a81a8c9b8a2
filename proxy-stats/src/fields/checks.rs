//! The results of health checks and agent checks. They are empty for a server that is not checked.

use std::time::Duration;

use proxy_health::{CheckResult, Checks, Tracked};

use crate::field::Field;
use crate::subject::OfServer;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(21, "chkfail", "MCPP", "checks that have failed")
        .metric("check_failures_total")
        .server(|of| checked(of).map(|_| Value::U64(of.server.counters().failed_checks()))),
    Field::new(22, "chkdown", "MCPP", "changes from up to down")
        .metric("check_up_down_total")
        .server(|of| checked(of).map(|_| Value::U64(of.server.counters().downs())))
        .backend(|of| Some(Value::U64(of.backend.counters().downs()))),
    Field::new(36, "check_status", "MOPV", "result of the last check")
        .metric("check_status")
        .server(|of| health(of).map(|check| status(&check.last))),
    Field::new(37, "check_code", "MOPV", "status code of the last check")
        .metric("check_code")
        .server(|of| code(&health(of)?.last)),
    Field::new(38, "check_duration", "MDPV", "duration of the last check in milliseconds")
        .metric("check_duration_seconds")
        .server(|of| duration(health(of)?.last.duration)),
    Field::new(45, "hanafail", "MCPP", "checks that have failed because of observed traffic"),
    Field::new(56, "last_chk", "MOPV", "text of the last check")
        .server(|of| health(of).map(|check| info(&check.last))),
    Field::new(57, "last_agt", "MOPV", "text of the last agent check")
        .server(|of| agent(of).map(|check| info(&check.last))),
    Field::new(62, "agent_status", "MOPV", "result of the last agent check")
        .metric("agent_status")
        .server(|of| agent(of).map(|check| status(&check.last))),
    Field::new(63, "agent_code", "MOPV", "status code of the last agent check")
        .metric("agent_code")
        .server(|of| code(&agent(of)?.last)),
    Field::new(64, "agent_duration", "MDPV", "duration of the last agent check in milliseconds")
        .metric("agent_duration_seconds")
        .server(|of| duration(agent(of)?.last.duration)),
    Field::new(65, "check_desc", "MOPV", "meaning of the result of the last check")
        .server(|of| health(of).map(|check| Value::text(check.last.status.text()))),
    Field::new(66, "agent_desc", "MOPV", "meaning of the result of the last agent check")
        .server(|of| agent(of).map(|check| Value::text(check.last.status.text()))),
    Field::new(67, "check_rise", "CGSV", "checks in a row that make a server up")
        .server(|of| health(of).map(|check| Value::U32(check.tally.rise()))),
    Field::new(68, "check_fall", "CGSV", "checks in a row that make a server down")
        .server(|of| health(of).map(|check| Value::U32(check.tally.fall()))),
    Field::new(69, "check_health", "CGSV", "level of health")
        .server(|of| health(of).map(|check| Value::U32(check.tally.health()))),
    Field::new(70, "agent_rise", "CGSV", "agent checks in a row that make a server up")
        .server(|of| agent(of).map(|check| Value::U32(check.tally.rise()))),
    Field::new(71, "agent_fall", "CGSV", "agent checks in a row that make a server down")
        .server(|of| agent(of).map(|check| Value::U32(check.tally.fall()))),
    Field::new(72, "agent_health", "CGSV", "level of health by agent checks")
        .server(|of| agent(of).map(|check| Value::U32(check.tally.health()))),
];

/// Returns the checks of a server, if its health is checked.
fn checked(of: OfServer<'_>) -> Option<Checks> {
    Some(of.server.checks()).filter(|checks| checks.health().is_some())
}

/// Returns the health check of a server, unless it rests during maintenance.
fn health(of: OfServer<'_>) -> Option<Tracked> {
    of.server.checks().health().filter(|_| !of.server.is_in_maintenance()).cloned()
}

/// Returns the agent check of a server, unless it rests during maintenance.
fn agent(of: OfServer<'_>) -> Option<Tracked> {
    of.server.checks().agent().filter(|_| !of.server.is_in_maintenance()).cloned()
}

fn status(result: &CheckResult) -> Value {
    Value::text(result.status.name())
}

fn code(result: &CheckResult) -> Option<Value> {
    let code = u32::try_from(result.code).unwrap_or(0);
    result.status.has_code().then_some(Value::U32(code))
}

fn duration(duration: Option<Duration>) -> Option<Value> {
    duration.map(|duration| Value::U64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
}

/// Returns what a server has sent, which may be anything.
fn info(result: &CheckResult) -> Value {
    Value::Text(String::from_utf8_lossy(&result.info).into_owned())
}
