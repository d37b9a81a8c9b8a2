//! The state of servers, their weights, and what that means for their backends.

use std::sync::Arc;
use std::time::Duration;

use proxy_engine::balance::Group;
use proxy_engine::policy::WEIGHT_SCALE;
use proxy_engine::{Admin, Backend, Operational, Server, StateView};
use proxy_health::Tally;

use crate::field::Field;
use crate::subject::{Kind, OfBackend};
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(17, "status", "SGPV", "OPEN, UP, DOWN, MAINT and more")
        .metric("status")
        .frontend(|_| Some(Value::text("OPEN")))
        .listener(|of| Some(Value::text(if of.is_full() { "FULL" } else { "OPEN" })))
        .server(|of| Some(Value::Text(status(of.server))))
        .backend(|of| Some(Value::Text(backend_status(of)))),
    Field::new(18, "weight", "MaPV", "weight; of a backend, the sum of those that are used")
        .metric("weight")
        .server(|of| Some(Value::U32(effective_weight(of.server))))
        .backend(|of| Some(Value::U32(weight(of.backend, effective_weight)))),
    Field::new(19, "act", "MGPV", "usable servers that are no backups")
        .metric("active_servers")
        .other_metric(Kind::Server, "active")
        .tagged(Kind::Server, "SGPV")
        .server(|of| Some(Value::U32((!of.server.config().backup).into())))
        .backend(|of| Some(Value::small(usable(of.backend, false).count()))),
    Field::new(20, "bck", "MGPV", "usable servers that are backups")
        .metric("backup_servers")
        .other_metric(Kind::Server, "backup")
        .tagged(Kind::Server, "SGPV")
        .server(|of| Some(Value::U32(of.server.config().backup.into())))
        .backend(|of| Some(Value::small(usable(of.backend, true).count()))),
    Field::new(23, "lastchg", "MAPP", "seconds since the state has changed")
        .metric("check_last_change_seconds")
        .backend(|_| None)
        .server(|of| Some(seconds(of.server.since()))),
    Field::new(24, "downtime", "MCPV", "seconds without service")
        .metric("downtime_seconds_total")
        .backend(|_| None)
        .server(|of| of.server.checks().health().map(|_| seconds(of.server.downtime()))),
    Field::new(29, "throttle", "MaPV", "percentage of the weight during a slow start")
        .metric("current_throttle")
        .server(|of| throttle(of.server)),
    Field::new(99, "uweight", "MaPV", "weight as set by the configuration or by commands")
        .metric("uweight")
        .server(|of| Some(Value::U32(of.server.weight().into())))
        .backend(|of| Some(Value::U32(weight(of.backend, |server| server.weight().into())))),
    Field::new(100, "agg_server_status", "MGPV", "servers by their status")
        .metric("agg_server_status")
        .backend(|_| Some(Value::U32(0))),
    Field::new(101, "agg_server_check_status", "MGPV", "servers by their status; deprecated")
        .metric("agg_server_check_status")
        .backend(|_| Some(Value::U32(0))),
    Field::new(102, "agg_check_status", "MGPV", "servers by the status of their checks")
        .metric("agg_check_status")
        .backend(|_| Some(Value::U32(0))),
];

/// Returns the status of a server, in HAProxy's words. Numbers tell how many checks may still fail, or have to pass.
fn status(server: &Server) -> String {
    let StateView { admin, operational, .. } = server.view();
    if admin.contains(Admin::UNRESOLVED) {
        return "MAINT (resolution)".to_owned();
    }
    let tracked = server.tracked();
    match tracked {
        Some(tracked) if admin.contains(Admin::INHERITED_MAINT) => return format!("MAINT (via {tracked})"),
        _ if admin.is_in_maintenance() => return "MAINT".to_owned(),
        _ => {}
    }
    let checks = server.checks();
    let (health, agent) = (checks.health(), checks.agent());
    let with_level = |word: &str, is_settled: fn(&Tally) -> bool| match health {
        Some(check) if !is_settled(&check.tally) => {
            let (passed, all) = check.tally.shown();
            format!("{word} {passed}/{all}")
        }
        _ => word.to_owned(),
    };
    match operational {
        Operational::Stopped if agent.is_some_and(|agent| !agent.tally.is_up()) => "DOWN (agent)".to_owned(),
        Operational::Stopped => with_level("DOWN", Tally::is_empty),
        Operational::Stopping => with_level("NOLB", Tally::is_full),
        Operational::Starting | Operational::Running if admin.is_drained() => {
            with_level("DRAIN", Tally::is_full)
        }
        Operational::Starting | Operational::Running if health.is_none() && tracked.is_none() => {
            "no check".to_owned()
        }
        Operational::Starting | Operational::Running => with_level("UP", Tally::is_full),
    }
}

/// Returns the weight that balancing uses now. It is less than the set one during a slow start.
fn effective_weight(server: &Server) -> u32 {
    u32::from(server.view().effective_weight).div_ceil(WEIGHT_SCALE)
}

/// Returns the percentage of the weight during a slow start.
fn throttle(server: &Server) -> Option<Value> {
    let view = server.view();
    let full = u32::from(server.weight()) * WEIGHT_SCALE;
    let is_starting = view.operational == Operational::Starting && !view.admin.is_drained() && full > 0;
    is_starting.then(|| Value::U32(u32::from(view.effective_weight) * 100 / full))
}

fn seconds(time: Duration) -> Value {
    Value::U32(u32::try_from(time.as_secs()).unwrap_or(u32::MAX))
}

fn backend_status(of: OfBackend<'_>) -> String {
    let servers = of.backend.servers();
    let is_up = servers.is_empty() || of.backend.group() != Group::Empty;
    let word = if is_up { "UP" } else { "DOWN" };
    match of.view.is_reduced {
        true => {
            let is_up = |server: &&Arc<Server>| server.view().operational != Operational::Stopped;
            let up = servers.iter().filter(is_up).count();
            format!("{word} ({up}/{})", servers.len())
        }
        false => word.to_owned(),
    }
}

fn usable(backend: &Backend, backups: bool) -> impl Iterator<Item = &Server> {
    let servers = backend.servers().iter().map(|server| &**server);
    servers.filter(move |server| server.is_usable() && server.config().backup == backups)
}

/// Returns the sum of the weights of the servers that are used now.
fn weight(backend: &Backend, of: fn(&Server) -> u32) -> u32 {
    let sum = |backups| usable(backend, backups).map(of).sum();
    match backend.group() {
        Group::Empty => 0,
        Group::Primaries => sum(false),
        Group::Backups => sum(true),
        Group::One(index) => backend.servers().get(index).map_or(0, |server| of(server)),
    }
}
