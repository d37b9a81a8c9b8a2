//! Leads a request to the server of its cookie, and tells the client in a cookie which one it was.

use std::sync::Arc;

use proxy_http::{Method, TooLarge};
use proxy_rules::Persistence as Decided;
use proxy_rules::regex::Failed;

use super::{Exchange, Stop};
use crate::exchange::front::FrontExchange;
use crate::http::persistence::{ClientCookies, Dates, ServerCookies, is_cacheable};
use crate::observe::{Cause, ResponseCookie, Stage};
use crate::policy::CookiePolicy;
use crate::upstream::steering::Direct;

/// What is kept of the persistence of an exchange until its response.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Persistence {
    /// What the rules of the backend say.
    decided: Option<Decided>,
    /// The dates in the cookie of the request.
    dates: Dates,
}

impl<'c> Exchange<'c> {
    /// Returns the cookie of the backend, by which clients come back to the same server.
    fn cookie_policy(&self) -> Option<&'c Arc<CookiePolicy>> {
        self.back_policy().cookie.as_ref()
    }

    /// Evaluates the rules of the backend about persistence, before its other rules.
    pub(super) fn decide_persistence(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let Some(backend) = self.backend.filter(|backend| backend.steering().persists().is_some()) else {
            return Ok(());
        };
        let decided = self.with_context(front, false, |context| backend.steering().persistence(context));
        self.persistence.decided =
            decided.map_err(|Failed| self.failed(500, Cause::Internal, Stage::Request))?;
        Ok(())
    }

    /// Evaluates the rules of the backend that choose a server.
    pub(super) fn use_server(&mut self, front: &dyn FrontExchange) -> Result<(), Stop> {
        let Some(backend) = self.backend.filter(|backend| backend.steering().chooses().is_some()) else {
            return Ok(());
        };
        let decided = self.persistence.decided;
        let chosen = self.with_context(front, false, |context| backend.use_server(context, decided));
        self.dispatch.direct = chosen.map_err(|Failed| self.failed(500, Cause::Internal, Stage::Request))?;
        Ok(())
    }

    /// Looks for the server of the request in its cookies, and removes from them what servers are not to see.
    pub(super) fn read_cookies(&mut self) -> Result<(), Stop> {
        let own = self.connection.frontend.backend.as_ref();
        let (Some(policy), Some(backend)) = (self.cookie_policy(), self.backend.or(own)) else {
            return Ok(());
        };
        let Persistence { decided, dates } = self.persistence;
        let is_forced = decided == Some(Decided::Forced);
        let mut cookies = ClientCookies {
            policy,
            backend,
            is_ignored: decided == Some(Decided::Ignored) || self.dispatch.direct.is_some(),
            is_forced,
            found: self.activity.meter.borrow().cookies.client,
            dates,
            server: None,
        };
        let read = cookies.read(self.messages.request.fields_mut());
        self.persistence.dates = cookies.dates;
        self.activity.meter.borrow_mut().cookies.client = cookies.found;
        if let Some(server) = cookies.server {
            self.dispatch.direct = Some(Direct { server, is_forced });
        }
        read.map_err(|TooLarge| self.failed(500, Cause::Proxy, Stage::Request))
    }

    /// Looks at the cookies of a request that a rule refuses, for the log line.
    pub(super) fn look_at_refused(&mut self, stop: &Stop) {
        let is_refused = match stop {
            Stop::Reply { termination, .. } => termination.cause == Cause::Proxy,
            Stop::Tarpit { .. } => true,
            Stop::Serve(_) | Stop::Resolve(_) | Stop::Close(..) | Stop::Silent => false,
        };
        if is_refused {
            // Nothing is forwarded, so there need be no room for changes.
            let _ = self.read_cookies();
        }
    }

    /// Changes the cookie that the server has set, or adds one.
    pub(super) fn set_cookies(&mut self) -> Result<(), Stop> {
        let Some(policy) = self.cookie_policy() else { return Ok(()) };
        let is_ignored = self.persistence.decided == Some(Decided::Ignored);
        let Some(slot) = self.dispatch.slot.as_ref().filter(|_| !is_ignored) else { return Ok(()) };
        let mut cookies = ServerCookies {
            policy,
            server: slot.server(),
            is_direct: self.dispatch.direct.is_some(),
            dates: self.persistence.dates,
            done: ResponseCookie::None,
        };
        let (response, method) = (&mut self.messages.response, self.method);
        let is_private = policy.no_cache && is_cacheable(method, response);
        let fields = response.fields_mut();
        let set = cookies.change(fields).and_then(|()| {
            if cookies.insert(fields, method == Method::Post)? && is_private {
                fields.add(b"cache-control", b"private")?;
            }
            Ok(())
        });
        self.activity.meter.borrow_mut().cookies.response = cookies.done;
        set.map_err(|TooLarge| self.failed(500, Cause::Proxy, Stage::Headers))
    }

    /// Has the log line say what cookies did, if the backend has one.
    pub(super) fn trace_cookies(&self) {
        let is_logged = self.cookie_policy().is_some_and(|policy| policy.is_logged());
        self.activity.meter.borrow_mut().cookies.is_logged = is_logged;
    }
}
