//! The log lines about changes of the state of servers, to the letter as HAProxy writes them: people and tools search
//! for them.

use std::fmt::{self, Write as _};

use proxy_rules::Severity;

use super::admin::Admin;
use super::operational::Operational;

/// A server as lines name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    pub(super) backend: &'a str,
    pub(super) server: &'a str,
    pub(super) is_backup: bool,
}

/// `Server b/s`
impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Server {}/{}", if self.is_backup { "Backup " } else { "" }, self.backend, self.server)
    }
}

/// The servers and sessions of a backend after a change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// The usable servers that are no backups.
    pub(super) active: usize,
    /// The usable backup servers.
    pub(super) backup: usize,
    /// The sessions of the server.
    pub(super) sessions: usize,
    /// The sessions that have left a queue because of the change.
    pub(super) requeued: usize,
    /// The sessions that remain in the queue of the server.
    pub(super) queued: usize,
}

impl Left {
    /// Returns the end of a line about a server that is down now, or about another one.
    fn text(&self, is_down: bool) -> String {
        let Left { active, backup, sessions, requeued, queued } = self;
        let on_backup = if *backup > 0 && *active == 0 { " Running on backup." } else { "" };
        match is_down {
            true => format!(
                ". {active} active and {backup} backup servers left.{on_backup} {sessions} sessions active, \
                 {requeued} requeued, {queued} remaining in queue."
            ),
            false => format!(
                ". {active} active and {backup} backup servers online.{on_backup} {requeued} sessions requeued, \
                 {queued} total in queue."
            ),
        }
    }
}

/// A change of the operational state.
#[derive(Clone, Copy, Debug)]
pub(super) struct OperationalLine<'a> {
    pub(super) name: Name<'a>,
    pub(super) operational: Operational,
    /// Why, such as `changed from CLI`; nothing if it follows from another change.
    pub(super) cause: &'a str,
    /// The server that it tracks.
    pub(super) via: Option<&'a str>,
    /// Whether it took no sessions before, although it was up.
    pub(super) was_stopping: bool,
    pub(super) left: Left,
}

impl OperationalLine<'_> {
    /// Returns the line and its severity.
    pub(super) fn made(&self) -> (Severity, String) {
        let (state, is_down) = match self.operational {
            Operational::Stopped => ("DOWN", true),
            Operational::Stopping => ("stopping", false),
            Operational::Starting | Operational::Running => ("UP", false),
        };
        let mut line = format!("{} is {state}", self.name);
        if !self.cause.is_empty() {
            let _ = write!(line, ", {}", self.cause);
        }
        via(&mut line, self.via);
        line.push_str(&self.left.text(is_down));
        (severity(is_down && !self.was_stopping), line)
    }
}

/// A change of the administrative state.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdminLine<'a> {
    pub(super) name: Name<'a>,
    /// The host name of the server, if it has one.
    pub(super) host: Option<&'a str>,
    pub(super) before: Admin,
    pub(super) after: Admin,
    /// Whether it was down before.
    pub(super) was_down: bool,
    /// Whether it took no sessions before, although it was up.
    pub(super) was_stopping: bool,
    /// Whether it is down now.
    pub(super) is_down: bool,
    /// Why, such as `No IP for server`.
    pub(super) cause: &'a str,
    /// The server that it tracks.
    pub(super) via: Option<&'a str>,
    pub(super) left: Left,
}

impl AdminLine<'_> {
    /// Returns the lines about a change and their severities: one about maintenance, then one about drain.
    pub(super) fn made(&self) -> impl Iterator<Item = (Severity, String)> {
        self.maintenance().into_iter().chain(self.drain())
    }

    fn maintenance(&self) -> Option<(Severity, String)> {
        let (name, via_other) = (self.name, self.via.filter(|_| !self.after.contains(Admin::FORCED_MAINT)));
        let has_lost = |flag: Admin| self.before.contains(flag) && !self.after.contains(flag);
        match (self.before.is_in_maintenance(), self.after.is_in_maintenance()) {
            (false, true) => {
                let text = match self.was_down {
                    true => "was DOWN and now enters maintenance",
                    false => "is going DOWN for maintenance",
                };
                let mut line = format!("{name} {text}");
                because(&mut line, self.cause);
                via(&mut line, via_other);
                match self.was_down {
                    true => line.push('.'),
                    false => line.push_str(&self.left.text(true)),
                }
                Some((severity(!self.was_down && !self.was_stopping), line))
            }
            (true, false) => {
                let up = if self.is_down { "DOWN" } else { "UP" };
                let ready = if self.after.is_drained() { "DRAIN" } else { "READY" };
                let line = if has_lost(Admin::INHERITED_MAINT) {
                    format!("{name} is {up}/{ready} (leaving maintenance).")
                } else if has_lost(Admin::UNRESOLVED) {
                    let host = self.host.unwrap_or_default();
                    format!("{name} ('{host}') is {up}/{ready} (resolves again).")
                } else {
                    format!("{name} is {up}/{ready} (leaving forced maintenance).")
                };
                Some((Severity::Notice, line))
            }
            (true, true) => {
                let mut line = if has_lost(Admin::UNRESOLVED) {
                    let host = self.host.unwrap_or_default();
                    format!("{name} ('{host}') resolves again but remains in maintenance")
                } else if has_lost(Admin::FORCED_MAINT) {
                    format!("{name} is leaving forced maintenance but remains in maintenance")
                } else if has_lost(Admin::INHERITED_MAINT) {
                    return Some((Severity::Notice, format!("{name} remains in forced maintenance.")));
                } else {
                    return None;
                };
                via(&mut line, self.via);
                line.push('.');
                Some((Severity::Notice, line))
            }
            (false, false) => None,
        }
    }

    fn drain(&self) -> Option<(Severity, String)> {
        if self.after.is_in_maintenance() {
            return None;
        }
        let name = self.name;
        let line = match (self.before.is_drained(), self.after.is_drained()) {
            (false, true) => {
                let mut line = format!("{name} enters drain state");
                because(&mut line, self.cause);
                via(&mut line, self.via.filter(|_| !self.after.contains(Admin::FORCED_DRAIN)));
                line.push_str(&self.left.text(self.is_down));
                line
            }
            (true, false) => {
                let up = if self.is_down { "DOWN" } else { "UP" };
                if self.before.contains(Admin::FORCED_DRAIN) {
                    format!("{name} is {up} (leaving forced drain).")
                } else {
                    let mut line = format!("{name} is {up} (leaving drain)");
                    via(&mut line, self.via);
                    line.push('.');
                    line
                }
            }
            (true, true) if self.after.contains(Admin::FORCED_DRAIN) => {
                format!("{name} remains in forced drain mode.")
            }
            (true, true) => {
                let mut line = format!("{name} remains in drain mode");
                via(&mut line, self.via);
                line.push('.');
                line
            }
            (false, false) => return None,
        };
        Some((Severity::Notice, line))
    }
}

/// Returns the line about a backend none of whose servers is usable any more. A `listen` section is a proxy.
pub(super) fn no_server(is_listen: bool, name: &str) -> (Severity, String) {
    let kind = if is_listen { "proxy" } else { "backend" };
    (Severity::Emergency, format!("{kind} {name} has no server available!"))
}

fn because(line: &mut String, cause: &str) {
    if !cause.is_empty() {
        let _ = write!(line, " ({cause})");
    }
}

fn via(line: &mut String, tracked: Option<&str>) {
    if let Some(tracked) = tracked {
        let _ = write!(line, " via {tracked}");
    }
}

fn severity(is_alert: bool) -> Severity {
    if is_alert { Severity::Alert } else { Severity::Notice }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Name<'_> = Name { backend: "b", server: "s", is_backup: false };
    const READY: Admin = Admin::empty();

    fn admin(before: Admin, after: Admin) -> AdminLine<'static> {
        AdminLine {
            name: NAME,
            host: Some("s.example"),
            before,
            after,
            was_down: false,
            was_stopping: false,
            is_down: after.is_in_maintenance(),
            cause: "",
            via: None,
            left: Left { active: 1, backup: 0, sessions: 3, requeued: 2, queued: 4 },
        }
    }

    #[test]
    fn lines_about_operators() {
        let (maint, drain) = (Admin::FORCED_MAINT, Admin::FORCED_DRAIN);
        let inherited = Admin::INHERITED_MAINT;
        let down = "Server b/s is going DOWN for maintenance. 1 active and 0 backup servers left. 3 sessions active, \
                    2 requeued, 4 remaining in queue.";
        let cases: &[(AdminLine<'_>, &[(Severity, &str)])] = &[
            (admin(READY, maint), &[(Severity::Alert, down)]),
            (AdminLine { was_stopping: true, ..admin(drain, maint | drain) }, &[(Severity::Notice, down)]),
            (
                AdminLine { was_down: true, via: Some("a/t"), ..admin(READY, inherited) },
                &[(Severity::Notice, "Server b/s was DOWN and now enters maintenance via a/t.")],
            ),
            (
                AdminLine { was_down: true, via: Some("a/t"), cause: "DNS NX status", ..admin(READY, maint) },
                &[(Severity::Notice, "Server b/s was DOWN and now enters maintenance (DNS NX status).")],
            ),
            (
                admin(maint, READY),
                &[(Severity::Notice, "Server b/s is UP/READY (leaving forced maintenance).")],
            ),
            (
                AdminLine { is_down: true, ..admin(maint, READY) },
                &[(Severity::Notice, "Server b/s is DOWN/READY (leaving forced maintenance).")],
            ),
            (
                AdminLine { is_down: false, ..admin(maint | drain, drain) },
                &[
                    (Severity::Notice, "Server b/s is UP/DRAIN (leaving forced maintenance)."),
                    (Severity::Notice, "Server b/s remains in forced drain mode."),
                ],
            ),
            (
                admin(Admin::UNRESOLVED, READY),
                &[(Severity::Notice, "Server b/s ('s.example') is UP/READY (resolves again).")],
            ),
            (admin(inherited, READY), &[(Severity::Notice, "Server b/s is UP/READY (leaving maintenance).")]),
            (
                AdminLine { via: Some("a/t"), ..admin(maint | inherited, inherited) },
                &[(
                    Severity::Notice,
                    "Server b/s is leaving forced maintenance but remains in maintenance via a/t.",
                )],
            ),
            (
                admin(maint | inherited, maint),
                &[(Severity::Notice, "Server b/s remains in forced maintenance.")],
            ),
            (
                admin(READY, drain),
                &[(
                    Severity::Notice,
                    "Server b/s enters drain state. 1 active and 0 backup servers online. 2 sessions requeued, 4 \
                     total in queue.",
                )],
            ),
            (admin(drain, READY), &[(Severity::Notice, "Server b/s is UP (leaving forced drain).")]),
            (
                AdminLine { via: Some("a/t"), ..admin(Admin::INHERITED_DRAIN, READY) },
                &[(Severity::Notice, "Server b/s is UP (leaving drain) via a/t.")],
            ),
            (
                AdminLine { via: Some("a/t"), ..admin(Admin::DRAIN, Admin::INHERITED_DRAIN) },
                &[(Severity::Notice, "Server b/s remains in drain mode via a/t.")],
            ),
            (admin(maint | drain, maint), &[]),
        ];
        for (line, expected) in cases {
            let made: Vec<_> = line.made().collect();
            let made: Vec<_> = made.iter().map(|(severity, line)| (*severity, &**line)).collect();
            assert_eq!(made, *expected, "{line:?}");
        }
    }

    #[test]
    fn lines_about_what_checks_say() {
        let line = OperationalLine {
            name: Name { is_backup: true, ..NAME },
            operational: Operational::Stopped,
            cause: "changed from CLI",
            via: None,
            was_stopping: false,
            left: Left { active: 0, backup: 1, ..Left::default() },
        };
        let text = "Backup Server b/s is DOWN, changed from CLI. 0 active and 1 backup servers left. Running on \
                    backup. 0 sessions active, 0 requeued, 0 remaining in queue.";
        assert_eq!(line.made(), (Severity::Alert, text.to_owned()));
        let line = OperationalLine { was_stopping: true, ..line };
        assert_eq!(line.made(), (Severity::Notice, text.to_owned()));
        for (operational, word) in
            [(Operational::Stopping, "stopping"), (Operational::Running, "UP"), (Operational::Starting, "UP")]
        {
            let line = OperationalLine { operational, cause: "", via: Some("a/t"), ..line };
            let text = format!(
                "Backup Server b/s is {word} via a/t. 0 active and 1 backup servers online. Running on backup. 0 \
                 sessions requeued, 0 total in queue."
            );
            assert_eq!(line.made(), (Severity::Notice, text));
        }
    }

    #[test]
    fn lines_about_backends() {
        let text = |is_listen| no_server(is_listen, "b").1;
        assert_eq!(text(true), "proxy b has no server available!");
        assert_eq!(text(false), "backend b has no server available!");
    }
}
