//! Where rules and settings look at an exchange: what happens to its messages between the two sides.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::stream::Stream;
use proxy_http::{Method, Request, Target, TargetForm, TooLarge};
use proxy_rules::{Context, HookPoint, RuleSet, Session, Verdict};

use super::client::Destination;
use super::exchange::FrontConnection;
use super::relaying::Stop;
use super::transaction::Transaction;
use crate::backend::{Backend, Visit};
use crate::frontend::Door;
use crate::policy::HttpPolicy;
use crate::policy::{Network, UnusualNames};
use crate::termination::{Cause, Stage, Termination};

/// What rules are told of the session.
pub(crate) struct Facts<'a> {
    pub(crate) source: &'a Address,
    pub(crate) destination: &'a Destination,
    pub(crate) door: &'a Door,
    pub(crate) backend: Option<&'a Backend>,
    pub(crate) server: Option<&'a str>,
    pub(crate) is_first_request: bool,
    pub(crate) is_server_connection_reused: Option<bool>,
    pub(crate) stream: &'a dyn Stream,
}

impl Session for Facts<'_> {
    fn source(&self) -> &Address {
        self.source
    }

    fn destination(&self) -> &Address {
        self.destination.of(self.stream)
    }

    fn listener_name(&self) -> Option<&str> {
        self.door.listener.name()
    }

    fn listener_number(&self) -> u32 {
        self.door.listener.id()
    }

    fn frontend_name(&self) -> &str {
        self.door.frontend.name()
    }

    fn backend_name(&self) -> Option<&str> {
        self.backend.map(Backend::name)
    }

    fn server_name(&self) -> Option<&str> {
        self.server
    }

    fn is_first_request(&self) -> bool {
        self.is_first_request
    }

    fn is_server_connection_reused(&self) -> Option<bool> {
        self.is_server_connection_reused
    }

    fn client(&self) -> &dyn Stream {
        self.stream
    }
}

impl<'a> Transaction<'_, 'a> {
    /// Lets something look at the exchange as it is. `with_response` once there is one.
    pub(crate) fn with_context<R>(
        &mut self,
        front: &dyn FrontConnection,
        with_response: bool,
        look: impl FnOnce(&mut Context<'_>) -> R,
    ) -> R {
        let stream = front.stream();
        let backend = self.backend().map(|backend| &**backend);
        let client = &mut *self.client;
        let facts = Facts {
            source: &client.source,
            destination: &client.destination,
            door: client.door,
            backend,
            server: self.journey.server.as_ref().map(|server| server.name()),
            is_first_request: !client.is_known,
            is_server_connection_reused: self.is_reused,
            stream,
        };
        let mut scratch = client.worker.http.scratch.take();
        let mut context = Context::new(&facts, &mut client.variables, &mut scratch);
        context.strict = self.strict;
        context.request = Some(&mut self.messages.request);
        if with_response {
            context.response = Some(&mut self.messages.response);
        }
        let result = look(&mut context);
        self.strict = context.strict;
        client.worker.http.scratch.replace(scratch);
        result
    }

    fn run_rules(
        &mut self,
        front: &dyn FrontConnection,
        rules: &RuleSet,
        hook: HookPoint,
    ) -> Result<(), Stop> {
        if rules.is_empty() {
            return Ok(());
        }
        let with_response = hook.is_response();
        let verdict = self.with_context(front, with_response, |context| rules.run(context));
        let stage = if with_response { Stage::Headers } else { Stage::Request };
        let cause = |denies| if denies { Cause::Proxy } else { Cause::Local };
        match verdict {
            Verdict::Continue | Verdict::Accept => Ok(()),
            Verdict::Answer { answer, denies } => Err(Stop::Answer {
                answer: Arc::new(*answer),
                termination: Termination::new(cause(denies), stage),
            }),
            Verdict::Error { status, denies } => Err(self.failed(status, cause(denies), stage)),
            Verdict::Tarpit { status } => Err(Stop::Tarpit { status }),
        }
    }

    /// What the frontend does with a request: answers whoever asks whether it is well, carries out its rules, and
    /// chooses a backend.
    pub(crate) fn enter_frontend(&mut self, front: &dyn FrontConnection) -> Result<(), Stop> {
        let config = self.front_config();
        if let Some(monitor) = &config.monitor
            && monitor.is_asked(self.messages.request.target())
        {
            let status = self.with_context(front, false, |context| monitor.status(context));
            // Of that no log tells.
            self.is_told = true;
            return Err(self.failed(status, Cause::Local, Stage::Request));
        }
        self.enter(front, config)?;
        let frontend = &self.client.door.frontend;
        let chosen = match &frontend.switching {
            None => None,
            Some(switching) => self.with_context(front, false, |context| switching.choose(context)),
        };
        self.backend = chosen.or(frontend.backend.as_ref()).map(Visit::of);
        Ok(())
    }

    /// What a section does with a request.
    fn enter(&mut self, front: &dyn FrontConnection, config: &HttpPolicy) -> Result<(), Stop> {
        self.run_rules(front, &config.rules.request, HookPoint::HttpRequest)?;
        self.restrict_names(config)?;
        self.run_rules(front, &config.redirects, HookPoint::HttpRequest)
    }

    /// What the backend does with a request before it chooses a server.
    pub(crate) fn enter_backend(&mut self, front: &dyn FrontConnection) -> Result<(), Stop> {
        let http = self.back_config();
        // A `listen` section is both, and has its rules carried out once.
        if !std::ptr::eq(http, self.front_config()) {
            self.enter(front, http)?;
        }
        self.check_changes()?;
        self.tell_addresses(front)
    }

    /// What rules have made of a request has to mean one thing to all who read it.
    fn check_changes(&mut self) -> Result<(), Stop> {
        let request = &mut self.messages.request;
        // Nobody has asked for a tunnel, or nobody expects the end of one.
        if (request.method() == Method::Connect) != (self.method == Method::Connect) {
            return Err(self.failed(500, Cause::Proxy, Stage::Request));
        }
        if Target::parse(request.target()).form != TargetForm::Absolute {
            return Ok(());
        }
        // A target that names a host names the one of the field (RFC 9112, section 3.2.2).
        match name_host(request) {
            Ok(()) => Ok(()),
            Err(TooLarge) => Err(self.failed(500, Cause::Proxy, Stage::Request)),
        }
    }

    /// `option forwardfor`, `option originalto`: the field of the backend, unless one of both says that it is not to be.
    fn tell_addresses(&mut self, front: &dyn FrontConnection) -> Result<(), Stop> {
        let (theirs, ours) = (self.back_config(), self.front_config());
        if let Some(field) = theirs.forward_for.as_ref().or(ours.forward_for.as_ref()) {
            let both = [&theirs.forward_for, &ours.forward_for];
            let address = self.client.source.inet().map(|inet| inet.ip());
            let if_none = both.into_iter().flatten().all(|field| field.if_none);
            let except = both.into_iter().flatten().filter_map(|field| field.except.as_ref());
            if !(if_none && self.messages.request.fields().has(field.name.as_bytes())) {
                self.tell_address(&field.name, address, except)?;
            }
        }
        if let Some(field) = theirs.original_to.as_ref().or(ours.original_to.as_ref()) {
            let both = [&theirs.original_to, &ours.original_to];
            let address = self.client.destination.of(front.stream()).inet().map(|inet| inet.ip());
            let except = both.into_iter().flatten().filter_map(|field| field.except.as_ref());
            self.tell_address(&field.name, address, except)?;
        }
        Ok(())
    }

    fn tell_address<'n>(
        &mut self,
        name: &str,
        address: Option<IpAddr>,
        mut except: impl Iterator<Item = &'n Network>,
    ) -> Result<(), Stop> {
        let Some(address) = address.map(|address| address.to_canonical()) else { return Ok(()) };
        if except.any(|network| network.contains(address)) {
            return Ok(());
        }
        // The longest address has 45 characters.
        let mut text = [0_u8; 48];
        let mut rest = &mut text[..];
        let _ = write!(rest, "{address}");
        let length = 48 - rest.len();
        let added = self.messages.request.fields_mut().add(name.as_bytes(), &text[..length]);
        added.map_err(|_| self.failed(500, Cause::Proxy, Stage::Request))
    }

    /// `option http-restrict-req-hdr-names`
    fn restrict_names(&mut self, config: &HttpPolicy) -> Result<(), Stop> {
        let fields = self.messages.request.fields_mut();
        match config.unusual_names {
            UnusualNames::Preserve => Ok(()),
            UnusualNames::Delete => {
                fields.retain(|field| !UnusualNames::is_unusual(field.name));
                Ok(())
            }
            UnusualNames::Reject if fields.iter().any(|field| UnusualNames::is_unusual(field.name)) => {
                Err(self.failed(403, Cause::Proxy, Stage::Request))
            }
            UnusualNames::Reject => Ok(()),
        }
    }

    /// What the backend and then the frontend do with a response.
    pub(crate) fn leave(&mut self, front: &dyn FrontConnection) -> Result<(), Stop> {
        self.strict = true;
        for http in self.sections() {
            self.run_rules(front, &http.rules.response, HookPoint::HttpResponse)?;
        }
        self.last_changes(front)
    }

    /// What is done to each response that goes to the client, also to those of the proxy itself.
    fn last_changes(&mut self, front: &dyn FrontConnection) -> Result<(), Stop> {
        for http in self.sections() {
            self.run_rules(front, &http.rules.after_response, HookPoint::HttpAfterResponse)?;
        }
        Ok(())
    }

    /// The same for an answer of the proxy, which goes as it is if that fails.
    pub(crate) fn rewrite_answer(&mut self, front: &dyn FrontConnection) {
        let _ = self.last_changes(front);
    }

    /// The sections that the exchange goes through, the backend first, and a `listen` section once.
    fn sections(&self) -> impl Iterator<Item = &'a HttpPolicy> + use<'a> {
        let (back, front) = (self.back_config(), self.front_config());
        (!std::ptr::eq(back, front)).then_some(back).into_iter().chain([front])
    }
}

/// Gives the target of a request the host that its field says.
fn name_host(request: &mut Request) -> Result<(), TooLarge> {
    let target = Target::parse(request.target());
    let (Some(host), Some(scheme)) = (request.fields().get(b"host"), target.scheme) else { return Ok(()) };
    let authority = target.authority.unwrap_or_default();
    // What stands before the host is not part of it.
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
