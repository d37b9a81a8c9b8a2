//! Reports a session or exchange: makes its record, and with it the log line (`observe/log.rs`).

use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::record::Origin;

use super::activity::Activity;
use super::client::ClientConnection;
use super::facts::{Facts, ServerFacts};
use super::rule_run::RuleRun;
use super::rule_traces::RuleTraces;
use crate::exchange::memory::Messages;
use crate::observe::{ConnectionInfos, RecordInputs};

/// The inputs of a report, besides the meter.
pub(crate) struct Report<'r> {
    pub(crate) connection: &'r ClientConnection,
    pub(crate) activity: &'r Activity,
    /// The client's connection.
    pub(crate) stream: &'r dyn Stream,
    /// What is known of the connections and their paths, if the record needs it.
    pub(crate) infos: ConnectionInfos,
    /// The outcome of the relay, if there was one.
    pub(crate) outcome: Option<&'r Outcome>,
    /// Whether the session still holds a slot of its server.
    pub(crate) holds_slot: bool,
    pub(crate) server: ServerFacts<'r>,
    pub(crate) traces: &'r RuleTraces,
    /// Set if the connection failed before there was a session or a request.
    pub(crate) failed_early: Option<Origin>,
    /// Whether rules have rejected the connection after its handshakes.
    pub(crate) is_rejected: bool,
}

impl Report<'_> {
    /// Logs the session or exchange before it has ended. It is counted at its end.
    pub(crate) fn early(self, messages: Option<&mut Messages>) {
        self.tell(messages, true);
    }

    /// Counts the end of the session or exchange, and logs it unless that was done before.
    pub(crate) fn finish(self, messages: Option<&mut Messages>) {
        let mut meter = self.activity.meter.borrow_mut();
        meter.finish();
        self.connection.status.has_carried(meter.bytes());
        drop(meter);
        self.tell(messages, false);
    }

    fn tell(self, messages: Option<&mut Messages>, is_early: bool) {
        if !self.activity.meter.borrow_mut().begin_report() {
            return;
        }
        let worker = &self.connection.worker;
        match messages {
            Some(messages) => self.write(messages, is_early),
            None => {
                let mut messages = worker.memory.messages();
                self.write(&mut messages, is_early);
                worker.memory.give_messages(messages);
            }
        }
    }

    fn write(self, messages: &mut Messages, is_early: bool) {
        let Report { connection, activity, stream, traces, .. } = self;
        let worker = &connection.worker;
        let meter = activity.meter.borrow();
        let log = connection.frontend.access_log.as_deref();
        let record = meter.record(&RecordInputs {
            stream,
            source: traces.source(connection),
            infos: &self.infos,
            outcome: self.outcome,
            holds_slot: self.holds_slot,
            number: activity.number(),
            log_count: log.map_or(0, |log| log.lines()),
            handshake_error: connection.status.findings().error.as_deref(),
            failed_early: self.failed_early,
            is_early,
        });
        worker.view.observer.session(&record);
        let chosen = traces.changes.as_ref().and_then(|changes| changes.severity);
        let Some((log, level)) = log.and_then(|log| Some((log, log.level(&record, chosen)?))) else { return };
        let facts =
            Facts { connection, stream, meter: &meter, server: self.server, number: activity.number() };
        let [mut line, mut structured] = [&worker.line, &worker.structured].map(|buffer| buffer.take());
        line.clear();
        structured.clear();
        let Messages { response, variables, .. } = messages;
        let has_response = record.http.is_some_and(|http| http.status.is_some());
        let run = RuleRun {
            response: has_response.then_some(response),
            record: Some(&record),
            unique_id: traces.unique_id().filter(|_| self.failed_early.is_none()),
            ..RuleRun::new(connection, &facts, variables).after(traces, traces.changes.clone())
        };
        let ((), _) = run.run(|context| match record.handshake_error {
            Some(error) => log.handshake(level, context, Some(error), &mut line),
            None if self.is_rejected => log.handshake(level, context, None, &mut line),
            None => log.session(level, context, self.failed_early.is_some(), [&mut line, &mut structured]),
        });
        worker.line.replace(line);
        worker.structured.replace(structured);
    }
}
