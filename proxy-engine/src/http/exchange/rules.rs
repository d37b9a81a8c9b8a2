//! Runs rules on the messages of an exchange between its two sides.

use std::sync::Arc;

use proxy_http::{Method, Request, Target, TargetForm, TooLarge};
use proxy_rules::captures::Side;
use proxy_rules::regex::Failed;
use proxy_rules::{Answer, Context, HookPoint, RuleSet, Verdict};

use super::{Exchange, Stop};
use crate::connection::{Facts, RuleRun, ServerFacts, sampled};
use crate::exchange::error::ErrorCode;
use crate::exchange::front::FrontExchange;
use crate::exchange::memory::Messages;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};
use crate::policy::HttpPolicy;

impl<'c> Exchange<'c> {
    /// Calls `look` with the context of an exchange that has no server yet or no longer, with the response if
    /// `with_response` is set.
    pub(super) fn with_context<R>(
        &mut self,
        front: &dyn FrontExchange,
        with_response: bool,
        look: impl FnOnce(&mut Context<'_>) -> R,
    ) -> R {
        self.with_server(front, None, with_response, look)
    }

    /// Calls `look` with the context of the exchange and of its server's side.
    pub(super) fn with_server<R>(
        &mut self,
        front: &dyn FrontExchange,
        server: Option<&ServerExchange>,
        with_response: bool,
        look: impl FnOnce(&mut Context<'_>) -> R,
    ) -> R {
        let connection = self.connection;
        let (stream, meter) = (front.stream(), self.activity.meter.borrow());
        let server = server.map(|server| (server.look().stream(), server.findings()));
        let server = match &server {
            Some((stream, findings)) => Some(sampled(&**stream, findings)),
            None => self.kept.as_ref().map(|kept| kept.sampled()),
        };
        let facts = Facts {
            connection,
            stream: &*stream,
            meter: &meter,
            server: ServerFacts { connection: server, is_reused: self.is_reused },
            number: self.activity.number(),
        };
        let Messages { request, response, variables } = &mut *self.messages;
        let changes = self.traces.changes.take();
        let run = RuleRun {
            request: Some(request),
            response: with_response.then_some(response),
            strict: self.strict,
            ..RuleRun::new(connection, &facts, variables).after(&self.traces, changes)
        };
        let (result, left) = run.run(look);
        self.strict = left.strict;
        self.traces.keep(left.last_rule, left.changes);
        result
    }

    fn run_rules(
        &mut self,
        front: &dyn FrontExchange,
        server: Option<&ServerExchange>,
        rules: &RuleSet,
        hook: HookPoint,
    ) -> Result<(), Stop> {
        if rules.is_empty() {
            return Ok(());
        }
        let with_response = hook.is_response();
        let resolved = if hook == HookPoint::HttpRequest { self.resolved.take() } else { None };
        let verdict = self.with_server(front, server, with_response, |context| match resolved {
            Some(resolved) => rules.resume(context, &resolved.lookup, resolved.address),
            None => rules.run(context),
        });
        if let (Verdict::Reject, HookPoint::HttpRequest) = (&verdict, hook) {
            // HAProxy logs a request that is rejected as incomplete.
            self.activity.meter.borrow_mut().request_incomplete(true);
        }
        self.conclude(verdict, if with_response { Stage::Headers } else { Stage::Request })
    }

    /// Returns how a verdict at a stage ends the exchange, if it does.
    pub(super) fn conclude(&self, verdict: Verdict, stage: Stage) -> Result<(), Stop> {
        let cause = |denies| if denies { Cause::Proxy } else { Cause::Local };
        if let Verdict::Reject
        | Verdict::CloseServer
        | Verdict::Answer { denies: true, .. }
        | Verdict::Error { denies: true, .. }
        | Verdict::Tarpit { .. } = verdict
        {
            self.activity.meter.borrow_mut().denied();
        }
        match verdict {
            Verdict::Continue | Verdict::Accept | Verdict::BecomeHttp { .. } => Ok(()),
            Verdict::Reject => Err(Stop::Close(Termination::new(Cause::Proxy, stage), ErrorCode::CANCEL)),
            // As if the server had closed its connection instead of responding.
            Verdict::CloseServer => Err(self.failed(502, Cause::Server, Stage::Headers)),
            Verdict::Answer { answer, denies } => Err(Stop::Reply {
                reply: Arc::new(*answer),
                termination: Termination::new(cause(denies), stage),
            }),
            Verdict::Failed => Err(self.failed(500, Cause::Internal, stage)),
            Verdict::Error { status, denies } => Err(self.failed(status, cause(denies), stage)),
            Verdict::Serve(service) => Err(Stop::Serve(service)),
            Verdict::Resolve(lookup) => Err(Stop::Resolve(lookup)),
            Verdict::Tarpit { status } => Err(Stop::Tarpit { status }),
        }
    }

    /// Processes a request in the frontend: answers monitors, runs the rules, and chooses a backend.
    pub(super) fn enter_frontend(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let policy = self.policy;
        if self.resolved.is_none()
            && let Some(monitor) = &policy.monitor
            && monitor.is_asked(self.messages.request.target())
        {
            let status = self.with_context(front, false, |context| monitor.status(context));
            self.activity.meter.borrow_mut().keep_silent();
            return Err(self.failed(status, Cause::Local, Stage::Request));
        }
        // A backend chosen in mode tcp applies after the frontend's rules: until then errors are the frontend's.
        let begun = self.backend.take();
        let entered = self.enter(front, policy);
        if let Err(Stop::Resolve(_)) = entered {
            // The rules continue.
            self.backend = begun;
            return entered;
        }
        entered?;
        let frontend = &self.connection.frontend;
        let chosen = match &frontend.switching {
            Some(switching) if begun.is_none() => {
                self.with_context(front, false, |context| switching.choose(context))
            }
            _ => Ok(begun),
        };
        let chosen = chosen.map_err(|Failed| self.failed(500, Cause::Internal, Stage::Request))?;
        self.backend = chosen.or(frontend.backend.as_ref());
        if let Some(backend) = self.backend {
            self.activity.meter.borrow_mut().routed(backend.observed());
        }
        self.require_http()
    }

    /// Fails if a frontend of mode tcp has chosen a backend of mode tcp, or none: nothing can serve the request.
    fn require_http(&self) -> Result<(), Stop> {
        let is_served = self.backend.is_some_and(|backend| backend.http().is_some());
        if is_served || self.connection.frontend.policy.http.is_some() {
            return Ok(());
        }
        self.activity.meter.borrow_mut().status(500);
        Err(Stop::Close(Termination::new(Cause::Internal, Stage::Request), ErrorCode::CANCEL))
    }

    /// Runs the rules of a section on a request.
    fn enter(&mut self, front: &dyn FrontExchange, policy: &HttpPolicy) -> Result<(), Stop> {
        self.run_rules(front, None, policy.rules.at(HookPoint::HttpRequest), HookPoint::HttpRequest)?;
        self.restrict_names(policy)?;
        if let Some(page) = policy.pages.iter().find(|page| page.is_asked(&self.messages.request)) {
            return Err(Stop::Serve(Arc::clone(page)));
        }
        self.run_rules(front, None, &policy.redirects, HookPoint::HttpRequest)
    }

    /// Processes a request in the backend before a server is chosen.
    pub(super) fn enter_backend(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let policy = self.back_policy();
        // A `listen` section is both, and its rules run once.
        if !self.policy.is_same_section(policy) {
            self.enter(front, policy)?;
        }
        self.check_changes()
    }

    /// Adds the fields that tell servers about the client.
    pub(super) fn tell_servers(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        self.tell_unique_id(front)?;
        self.tell_all(front)?;
        self.tell_addresses(front)
    }

    /// Checks that a request that rules have changed has one meaning for all of its recipients.
    fn check_changes(&mut self) -> Result<(), Stop> {
        let request = &mut self.messages.request;
        // The client did not ask for a tunnel, or expects nothing else.
        if (request.method() == Method::Connect) != (self.method == Method::Connect) {
            return Err(self.failed(500, Cause::Proxy, Stage::Request));
        }
        if Target::parse(request.target()).form != TargetForm::Absolute {
            return Ok(());
        }
        // The host in an absolute target is that of the Host field (RFC 9112, section 3.2.2).
        match name_host(request) {
            Ok(()) => Ok(()),
            Err(TooLarge) => Err(self.failed(500, Cause::Proxy, Stage::Request)),
        }
    }

    /// Processes a response in the backend and then in the frontend.
    pub(super) fn leave(&mut self, front: &dyn FrontExchange, server: &ServerExchange) -> Result<(), Stop> {
        let server = Some(server);
        self.strict = true;
        self.capture_fields(Side::Response);
        for http in self.sections() {
            self.run_rules(front, server, http.rules.at(HookPoint::HttpResponse), HookPoint::HttpResponse)?;
        }
        self.capture_cookie(Side::Response);
        self.set_cookies()?;
        self.last_changes(front, server)
    }

    /// Runs the `http-after-response` rules, which apply to every response, replies of the proxy included.
    fn last_changes(
        &mut self,
        front: &dyn FrontExchange,
        server: Option<&ServerExchange>,
    ) -> Result<(), Stop> {
        for http in self.sections() {
            self.run_rules(
                front,
                server,
                http.rules.at(HookPoint::HttpAfterResponse),
                HookPoint::HttpAfterResponse,
            )?;
        }
        Ok(())
    }

    /// Runs the `http-after-response` rules on a reply of the proxy. If they fail, an error message is to be sent instead,
    /// without them.
    pub(super) fn rewrite_reply(&mut self, front: &dyn FrontExchange) -> Result<(), Arc<Answer>> {
        match self.last_changes(front, None) {
            Ok(()) => Ok(()),
            Err(Stop::Reply { reply, termination }) => {
                self.activity.meter.borrow_mut().ended(termination);
                Err(reply)
            }
            Err(Stop::Tarpit { .. } | Stop::Serve(_) | Stop::Resolve(_) | Stop::Close(..) | Stop::Silent) => {
                Err(Arc::clone(self.error(500)))
            }
        }
    }

    /// Returns the policies of the sections that the exchange passes, the backend first, and a `listen` section once.
    pub(super) fn sections(&self) -> impl Iterator<Item = &'c HttpPolicy> + use<'c> {
        let (back, front) = (self.back_policy(), self.policy);
        (!back.is_same_section(front)).then_some(back).into_iter().chain([front])
    }
}

/// Replaces the host in an absolute target with that of the Host field.
fn name_host(request: &mut Request) -> Result<(), TooLarge> {
    let target = Target::parse(request.target());
    let (Some(host), Some(scheme)) = (request.fields().get(b"host"), target.scheme) else { return Ok(()) };
    let authority = target.authority.unwrap_or_default();
    // User information before the host is kept.
    let (user, named) = match authority.iter().rposition(|byte| *byte == b'@') {
        Some(at) => authority.split_at(at + 1),
        None => (&[][..], authority),
    };
    let is_named = |host: &[u8], named: &[u8]| {
        host.eq_ignore_ascii_case(named)
            || named.strip_prefix(host).is_some_and(|port| port == b":80" || port == b":443")
    };
    if is_named(host, named) {
        return Ok(());
    }
    let rest = &request.target()[scheme.len() + 3 + authority.len()..];
    let target = [scheme, b"://", user, host, rest].concat();
    request.set_target(&target)
}
