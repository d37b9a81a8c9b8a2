//! Reports a session or exchange: makes its record, and with it the log line (`observe/log.rs`).

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::log::UniqueIds;
use proxy_rules::record::Origin;
use proxy_rules::{Changes, RulePlace, UniqueId, UniqueIdSource};

use super::activity::Activity;
use super::client::ClientConnection;
use super::facts::{Facts, ServerFacts};
use super::rule_run::RuleRun;
use crate::exchange::memory::Messages;
use crate::observe::{ConnectionInfos, RecordInputs};

/// What rules leave for later rules, for connecting to the server, and for the log line.
#[derive(Debug, Default)]
pub(crate) struct RuleTraces {
    /// The last rule with a final decision.
    pub(crate) last_rule: Option<RulePlace>,
    /// The changes that actions have made, except to messages and variables. Boxed: most change nothing.
    pub(crate) changes: Option<Box<Changes>>,
    unique_id: Option<UniqueId>,
}

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
}

impl RuleTraces {
    /// Creates the traces of a new session or exchange.
    pub(crate) fn new(unique_ids: &UniqueIds) -> RuleTraces {
        RuleTraces { last_rule: None, changes: None, unique_id: unique_ids.next() }
    }

    /// Returns the address of the client, as rules see it.
    pub(crate) fn source<'s>(&'s self, connection: &'s ClientConnection) -> &'s Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or_else(|| connection.status.source())
    }

    /// Returns the address that the client connected to, as rules see it. May make a system call.
    pub(crate) fn destination<'s>(
        &'s self,
        connection: &'s ClientConnection,
        stream: &dyn Stream,
    ) -> &'s Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.destination.as_ref());
        changed.unwrap_or_else(|| connection.destination(stream))
    }

    /// Returns the options to set on the socket to the server before it connects.
    pub(crate) fn server_options(&self) -> &[SocketOption] {
        self.changes.as_ref().map_or(&[], |changes| &changes.server_options)
    }

    /// Returns the unique identifier, if the frontend has a format for it.
    pub(crate) fn unique_id(&self) -> Option<&dyn UniqueIdSource> {
        self.unique_id.as_ref().map(|unique_id| unique_id as &dyn UniqueIdSource)
    }
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
            Some(error) => log.handshake(level, context, error, &mut line),
            None => log.session(level, context, self.failed_early.is_some(), [&mut line, &mut structured]),
        });
        worker.line.replace(line);
        worker.structured.replace(structured);
    }
}
