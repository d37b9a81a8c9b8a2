//! `set-log-level`: sets the severity of the log line, or suppresses it.

use crate::action::{Action, ActionEntry};
use crate::changes::{ChosenSeverity, Severity};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SetLogLevel(ChosenSeverity);

impl Action for SetLogLevel {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.changes().severity = Some(self.0);
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        false
    }
}

const HOOKS: &[HookPoint] = &[
    HookPoint::TcpRequest,
    HookPoint::TcpResponse,
    HookPoint::HttpRequest,
    HookPoint::HttpResponse,
    HookPoint::HttpAfterResponse,
];

inventory::submit! {
    ActionEntry::new(
        "set-log-level",
        "emerg|alert|crit|err|warning|notice|info|debug|silent",
        HOOKS,
        "set the severity of the log line; 'silent' suppresses it",
        |action| {
            let lines = Severity::ALL.map(|severity| (severity.name(), ChosenSeverity::Line(severity)));
            let all: Vec<_> = lines.into_iter().chain([("silent", ChosenSeverity::Silent)]).collect();
            Ok(Box::new(SetLogLevel(action.line.args.one_of(&all)?)))
        },
    )
}
