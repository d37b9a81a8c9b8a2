//! The results of health checks and agent checks. Without checks all of them are empty.

use crate::field::Field;

pub(super) static FIELDS: &[Field] = &[
    Field::new(21, "chkfail", "MCPP", "checks that have failed")
        .metric("check_failures_total")
        .server(|_| None),
    Field::new(22, "chkdown", "MCPP", "changes from up to down")
        .metric("check_up_down_total")
        .backend(|_| None)
        .server(|_| None),
    Field::new(36, "check_status", "MOPV", "result of the last check").metric("check_status"),
    Field::new(37, "check_code", "MOPV", "status code of the last check").metric("check_code"),
    Field::new(38, "check_duration", "MDPV", "duration of the last check in milliseconds")
        .metric("check_duration_seconds"),
    Field::new(45, "hanafail", "MCPP", "checks that have failed because of observed traffic"),
    Field::new(56, "last_chk", "MOPV", "text of the last check"),
    Field::new(57, "last_agt", "MOPV", "text of the last agent check"),
    Field::new(62, "agent_status", "MOPV", "result of the last agent check").metric("agent_status"),
    Field::new(63, "agent_code", "MOPV", "status code of the last agent check").metric("agent_code"),
    Field::new(64, "agent_duration", "MDPV", "duration of the last agent check in milliseconds")
        .metric("agent_duration_seconds"),
    Field::new(65, "check_desc", "MOPV", "meaning of the result of the last check"),
    Field::new(66, "agent_desc", "MOPV", "meaning of the result of the last agent check"),
    Field::new(67, "check_rise", "CGSV", "checks in a row that make a server up"),
    Field::new(68, "check_fall", "CGSV", "checks in a row that make a server down"),
    Field::new(69, "check_health", "CGSV", "level of health"),
    Field::new(70, "agent_rise", "CGSV", "agent checks in a row that make a server up"),
    Field::new(71, "agent_fall", "CGSV", "agent checks in a row that make a server down"),
    Field::new(72, "agent_health", "CGSV", "level of health by agent checks"),
];
