//! The way of a session: one client connection of mode tcp, from its acceptance to its end or until it becomes a
//! connection of HTTP.
//!
//! ```text
//!  opened ─► routed to a backend ─► reaches a server ─► relays ─► recorded
//!                 │                       │
//!                 ├── no backend          └── no server ────────► recorded
//!                 └── becomes a connection of HTTP
//! ```

use std::sync::Arc;

use proto_core::stream::Stream;
use proxy_rules::regex::Failed;

use super::session::{Inspected, RULES_FAILED, Session};
use super::waiting_client::WaitingClient;
use crate::connection::{Doing, Opened, Upgrade};
use crate::observe::{Cause, Stage, Termination};
use crate::policy::BindProto;
use crate::upstream::Backend;

/// Serves a client, whose connection counts towards the limits of the process until both sides are closed. Returns the
/// connection if it becomes one of HTTP.
pub(crate) async fn run(opened: Opened) -> Option<Upgrade> {
    let (connection, stream) = opened.pass_layers().await?;
    let began = connection.status.established();
    connection.status.does(Doing::Busy, began.since);
    let mut session = Session::new(&connection, began);
    match session.reach(stream).await {
        Reached::Server(backend, client, server) => {
            session.relay(backend, client, server).await;
            None
        }
        Reached::Http { client, backend, only_http1 } => {
            let begun = session.into_begun(backend.cloned());
            Some(Upgrade { connection, stream: client, begun, only_http1 })
        }
        Reached::Nothing => None,
    }
}

/// What a session continues as after its rules.
enum Led<'a> {
    /// A session with this backend.
    To(&'a Arc<Backend>),
    /// A connection of HTTP, which may have a backend already.
    Http { backend: Option<&'a Arc<Backend>>, only_http1: bool },
}

/// The result of looking for a server.
enum Reached<'a> {
    /// The backend, the client's connection and the server's.
    Server(&'a Arc<Backend>, Box<dyn Stream>, Box<dyn Stream>),
    /// The session becomes a connection of HTTP, which may have a backend already.
    Http { client: Box<dyn Stream>, backend: Option<&'a Arc<Backend>>, only_http1: bool },
    /// The session has ended and was logged.
    Nothing,
}

impl<'a> Session<'a> {
    /// Finds a server and connects to it, unless the session becomes a connection of HTTP. Ends the session if there
    /// is no server.
    async fn reach(&mut self, client: Box<dyn Stream>) -> Reached<'a> {
        let mut client = WaitingClient::new(self.connection, client);
        let reached = match self.lead(&mut client).await {
            Ok(Led::Http { backend, only_http1 }) => {
                return Reached::Http { client: client.into_stream(), backend, only_http1 };
            }
            Ok(Led::To(backend)) => self.server(backend, &mut client).await.map(|server| (backend, server)),
            Err(termination) => Err(termination),
        };
        match reached {
            Ok((backend, server)) => {
                let (client, received) = client.into_parts();
                self.activity.relay.put_back(received);
                Reached::Server(backend, client, server)
            }
            Err(termination) => {
                // Boxed: few sessions end here, and all would have space for it.
                Box::pin(self.end(client, termination)).await;
                Reached::Nothing
            }
        }
    }

    /// Runs the content rules on the client's bytes, and chooses the backend.
    async fn lead(&mut self, client: &mut WaitingClient<'_>) -> Result<Led<'a>, Termination> {
        let front = self.connection.frontend.policy.inspection.as_ref();
        if let Some(front) = front.filter(|front| !front.request.rules.is_empty()) {
            match self.inspect_request(client, front).await {
                Ok(Inspected::Passes) => {}
                Ok(Inspected::BecomesHttp { only_http1 }) => {
                    self.may_become_http(Cause::Proxy)?;
                    return Ok(Led::Http { backend: None, only_http1 });
                }
                Err(termination) => {
                    // As in HAProxy the session of a client that leaves belongs to its backend.
                    if matches!(termination.cause, Cause::Client | Cause::ClientTimeout)
                        && let Some(backend) = self.route(client)?
                    {
                        self.activity.meter.borrow_mut().routed(backend.observed());
                    }
                    return Err(termination);
                }
            }
        }
        let backend = self.route(client)?;
        let backend = backend.ok_or(Termination::new(Cause::Server, Stage::Connect))?;
        if backend.http().is_some() {
            self.may_become_http(Cause::Resource)?;
            return Ok(Led::Http { backend: Some(backend), only_http1: false });
        }
        self.activity.meter.borrow_mut().routed(backend.observed());
        self.decide_persistence(client, backend)?;
        let back = backend.config.inspection.as_ref().filter(|back| !back.request.rules.is_empty());
        // A `listen` section is both, and its rules run once.
        if let Some(back) = back.filter(|back| !front.is_some_and(|front| Arc::ptr_eq(front, back))) {
            self.inspect_request(client, back).await?;
        }
        self.use_server(client, backend)?;
        Ok(Led::To(backend))
    }

    /// Fails, with the cause that HAProxy logs, if the listener does not allow HTTP.
    fn may_become_http(&self, cause: Cause) -> Result<(), Termination> {
        match self.connection.status.ingress.listener.proto {
            BindProto::Tcp => Err(Termination::new(cause, Stage::Request)),
            BindProto::Any | BindProto::Http1 => Ok(()),
        }
    }

    /// Chooses the backend.
    fn route(&mut self, client: &mut WaitingClient<'_>) -> Result<Option<&'a Arc<Backend>>, Termination> {
        let frontend = &self.connection.frontend;
        let chosen = match &frontend.switching {
            Some(switching) => {
                let view = client.view(false, switching.reads_request)?;
                let chosen = self.with_context(view, |context| switching.choose(context));
                chosen.map_err(|Failed| RULES_FAILED)?
            }
            None => None,
        };
        Ok(chosen.or(frontend.backend.as_ref()))
    }
}
