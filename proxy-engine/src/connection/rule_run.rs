//! A run of rules: the context that rules of a connection, a session or an exchange see is set up before it, and what
//! they leave is taken out of it after it.

use proxy_http::{Request, Response};
use proxy_rules::{
    Buffered, Changes, Context, Record, RulePlace, SessionFacts, Unevaluated, UniqueIdSource, Variables,
};

use super::client::ClientConnection;
use super::rule_traces::RuleTraces;
use crate::observe::Notice;

/// What the rules of a run see. The variables are those of the session or exchange; the run adds those of the client's
/// connection.
pub(crate) struct RuleRun<'r> {
    pub(crate) connection: &'r ClientConnection,
    pub(crate) facts: &'r dyn SessionFacts,
    pub(crate) variables: &'r mut Variables,
    pub(crate) unique_id: Option<&'r dyn UniqueIdSource>,
    pub(crate) last_rule: Option<RulePlace>,
    pub(crate) changes: Option<Box<Changes>>,
    pub(crate) request: Option<&'r mut Request>,
    pub(crate) response: Option<&'r mut Response>,
    /// Whether the bytes of the client may still become a request.
    pub(crate) request_is_coming: bool,
    pub(crate) request_bytes: Option<Buffered<'r>>,
    pub(crate) response_bytes: Option<Buffered<'r>>,
    pub(crate) record: Option<&'r dyn Record>,
    /// Whether a change that fails ends the message with an error.
    pub(crate) strict: bool,
}

impl<'r> RuleRun<'r> {
    /// Creates the first run of a connection, which sees nothing but facts.
    pub(crate) fn new(
        connection: &'r ClientConnection,
        facts: &'r dyn SessionFacts,
        variables: &'r mut Variables,
    ) -> RuleRun<'r> {
        RuleRun {
            connection,
            facts,
            variables,
            unique_id: None,
            last_rule: None,
            changes: None,
            request: None,
            response: None,
            request_is_coming: false,
            request_bytes: None,
            response_bytes: None,
            record: None,
            strict: true,
        }
    }

    /// Adds what earlier runs have left.
    pub(crate) fn after(self, traces: &'r RuleTraces, changes: Option<Box<Changes>>) -> RuleRun<'r> {
        RuleRun { unique_id: traces.unique_id(), last_rule: traces.last_rule, changes, ..self }
    }

    /// Calls `look` with the context, and returns what it returns and what it has left.
    pub(crate) fn run<R>(self, look: impl FnOnce(&mut Context<'_>) -> R) -> (R, Left) {
        let RuleRun { connection, variables, .. } = self;
        let worker = &connection.worker;
        let mut session = connection.variables.borrow_mut();
        variables.swap_session(&mut session);
        let mut buffer = worker.rule_buffer.take();
        let mut context = Context::new(self.facts, variables, &mut buffer);
        (context.unique_id, context.last_rule, context.changes) =
            (self.unique_id, self.last_rule, self.changes);
        (context.request, context.response) = (self.request, self.response);
        (context.request_bytes, context.response_bytes) = (self.request_bytes, self.response_bytes);
        (context.request_is_coming, context.record) = (self.request_is_coming, self.record);
        context.strict = self.strict;
        let result = look(&mut context);
        let unevaluated = context.unevaluated();
        let Context { last_rule, changes, strict, layers, .. } = context;
        worker.rule_buffer.replace(buffer);
        variables.swap_session(&mut session);
        if let Some((what, expression)) = unevaluated {
            tell(connection, what, expression.into());
        }
        (result, Left { last_rule, changes, strict, layers })
    }
}

/// What a run leaves for later ones, and for the connection.
pub(crate) struct Left {
    pub(crate) last_rule: Option<RulePlace>,
    pub(crate) changes: Option<Box<Changes>>,
    pub(crate) strict: bool,
    pub(crate) layers: Vec<std::sync::Arc<dyn proto_core::layer::Layer>>,
}

/// Notifies the operator of something that was not evaluated, now and then.
fn tell(connection: &ClientConnection, what: Unevaluated, expression: String) {
    let (worker, frontend) = (&connection.worker, &connection.frontend);
    let Some(repeated) = worker.unevaluated.borrow_mut().due() else { return };
    let rule = match what {
        Unevaluated::Rule(place) => Some(format!("{}:{}", frontend.files.get(place.file), place.line)),
        Unevaluated::Value => None,
    };
    let frontend = frontend.observed.name().to_owned();
    worker.view.observer.notice(&Notice::NotEvaluated { frontend, rule, expression, repeated });
}
