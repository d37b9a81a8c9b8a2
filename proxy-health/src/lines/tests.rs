//! The lines, as HAProxy 3.5-dev5 writes them.

use std::time::Duration;

use super::*;
use crate::result::CheckResult;
use crate::state::{CheckSource, CheckState, Tally, Tracked};
use crate::status::Status;

const NAME: ServerName<'_> = ServerName { backend: "b", server: "s", backup: false };

fn checked(tally: Tally, last: CheckResult) -> Tracked {
    Tracked { last: last.took(Duration::from_micros(1999)), ..Tracked::new(tally, CheckState::all()) }
}

#[test]
fn lines_of_checks() {
    let mut tally = Tally::default();
    tally.fill();
    let line = |source, name, check: &Tracked, has_weight| check_line(source, name, check, has_weight);
    let passed = checked(tally, CheckResult::new(Status::Layer4Ok));
    assert_eq!(
        line(CheckSource::Health, NAME, &passed, true),
        "Health check for server b/s succeeded, reason: Layer4 check passed, check duration: 1ms, status: 3/3 UP."
    );
    assert!(line(CheckSource::Health, NAME, &passed, false).ends_with("status: 3/3 DRAIN."));
    tally.empty();
    let failed = CheckResult::new(Status::Layer7Status).with_code(503).with_info(b"a \"<\xe4>\"\r\n");
    assert_eq!(
        line(CheckSource::Agent, ServerName { backup: true, ..NAME }, &checked(tally, failed), true),
        "Agent check for backup server b/s failed, reason: Layer7 wrong status, code: 503, \
         info: \"a <22><3C><E4><3E><22><0D><0A>\", check duration: 1ms, status: 0/2 DOWN."
    );
    let conditional = checked(tally, CheckResult::new(Status::Layer7Conditional).with_code(404));
    assert!(line(CheckSource::Health, NAME, &conditional, true).starts_with(
        "Health check for server b/s conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, "
    ));
}

#[test]
fn lines_of_servers() {
    let result = CheckResult::new(Status::Layer4Failed).with_info(b"Connection refused").took(Duration::ZERO);
    let down = ServerLine {
        name: NAME,
        change: Change::Down,
        cause: Cause::Check(&result),
        via: None,
        left: Left::default(),
    };
    assert_eq!(
        down.to_string(),
        "Server b/s is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: \
         0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
    );
    let tracking = ServerLine {
        name: ServerName { backup: true, ..NAME },
        change: Change::Up,
        cause: Cause::Untold,
        via: Some(("a", "t")),
        left: Left { backup: 1, queued: 2, ..Left::default() },
    };
    assert_eq!(
        tracking.to_string(),
        "Backup Server b/s is UP via a/t. 0 active and 1 backup servers online. Running on backup. 0 sessions \
         requeued, 2 total in queue."
    );
    let told = ServerLine { change: Change::Stopping, cause: Cause::Other("changed from CLI"), ..down };
    assert!(told.to_string().starts_with("Server b/s is stopping, changed from CLI. 0 active"));
    assert_eq!(no_server("backend", "b"), "backend b has no server available!");
}

#[test]
fn errors_of_traffic_have_no_duration() {
    let result = CheckResult::new(Status::Observed).with_info(b"Detected 10 consecutive errors");
    assert_eq!(
        Reason(&result).to_string(),
        ", reason: Health analyze, info: \"Detected 10 consecutive errors\""
    );
}

#[test]
fn lines_of_people() {
    let line = |change| AdminLine { name: NAME, change, cause: None, via: None, left: Left::default() };
    let left = ". 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    let online = ". 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.";
    for (change, expected) in [
        (AdminChange::EntersMaintenance { was_down: false }, format!("is going DOWN for maintenance{left}")),
        (
            AdminChange::EntersMaintenance { was_down: true },
            "was DOWN and now enters maintenance.".to_owned(),
        ),
        (
            AdminChange::LeavesMaintenance { up: true, drain: false, forced: true },
            "is UP/READY (leaving forced maintenance).".to_owned(),
        ),
        (
            AdminChange::LeavesMaintenance { up: false, drain: true, forced: false },
            "is DOWN/DRAIN (leaving maintenance).".to_owned(),
        ),
        (AdminChange::EntersDrain, format!("enters drain state{online}")),
        (AdminChange::LeavesDrain { up: true, forced: true }, "is UP (leaving forced drain).".to_owned()),
    ] {
        assert_eq!(line(change).to_string(), format!("Server b/s {expected}"));
    }
    let told = AdminLine {
        cause: Some("'disable' on stats page"),
        via: Some(("a", "t")),
        ..line(AdminChange::EntersMaintenance { was_down: true })
    };
    assert_eq!(
        told.to_string(),
        "Server b/s was DOWN and now enters maintenance ('disable' on stats page) via a/t."
    );
}
