//! One run of a check: the connection of a conversation.

use std::io;

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::extension::Sampled;
use proto_core::findings::Findings;
use proto_core::info::State;
use proto_core::layer::{LayerError, Outgoing, connect_by};
use proto_core::options::SocketOption;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use proxy_health::conversation::describe;
use proxy_health::{CheckResult, Connecting, Conversation, Next};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use super::config::{CheckRoute, CheckTarget, HealthCheck};

/// The most bytes that are read at once. Most responses are shorter.
const READ: usize = 4096;

/// A connection of a check.
pub(super) struct Link {
    stream: Box<dyn Stream>,
    findings: Findings,
    /// Whether it is closed in order rather than reset.
    lingers: bool,
}

impl Link {
    fn sampled(&self) -> Sampled<'_> {
        Sampled { stream: &*self.stream, findings: &self.findings }
    }

    /// Closes the connection. A reset leaves no socket in TIME_WAIT.
    pub(super) fn close(self) {
        if !self.lingers {
            self.stream.abort();
        }
    }
}

/// Why there is no connection.
enum Failure {
    Connect(ConnectError),
    /// A handshake after the connection was established.
    Handshake(String),
}

/// The address of a server, and where its check connects instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) server: &'a Address,
    pub(super) target: &'a CheckTarget,
}

/// Carries out a check of a server, and returns its result, and the connection if there is one: as in HAProxy, it is closed
/// when the result has taken effect. The conversation keeps the last response.
pub(super) async fn run(
    check: &HealthCheck,
    place: Place<'_>,
    conversation: &mut Conversation,
) -> (CheckResult, Option<Link>) {
    let begun = Instant::now();
    let mut deadline = begun;
    let mut link: Option<Link> = None;
    let mut buffer = Vec::new();
    let result = loop {
        match conversation.next(link.as_ref().map(Link::sampled)) {
            Next::Done(result) => break result,
            Next::Connect(connecting) => {
                if let Some(link) = link.take() {
                    link.close();
                }
                let Some(route) = check.route(connecting.options) else {
                    conversation.failed("no route");
                    continue;
                };
                deadline = Instant::now() + check.deadlines.connect;
                let mut is_connected = false;
                let connect = connect(route, place, connecting, deadline, &mut is_connected);
                let connected = timeout_at(deadline, connect).await;
                if is_connected && !matches!(connected, Ok(Ok(_))) {
                    conversation.handshaking();
                }
                match connected {
                    Err(_) => conversation.timed_out(),
                    Ok(Err(Failure::Connect(error))) => conversation.failed(&describe_connect(&error)),
                    Ok(Err(Failure::Handshake(error))) => conversation.failed(&error),
                    Ok(Ok(connected)) => {
                        link = Some(connected);
                        conversation.connected(false);
                        if let Some(rest) = check.deadlines.rest {
                            deadline = Instant::now() + rest;
                        }
                    }
                }
            }
            Next::Write(bytes) => {
                let Some(link) = &mut link else {
                    conversation.failed("not connected");
                    continue;
                };
                let written = timeout_at(deadline, link.stream.write(bytes)).await;
                match written {
                    Err(_) => conversation.timed_out(),
                    Ok(Err(error)) => conversation.failed(&describe(&error)),
                    Ok(Ok(0)) => conversation.failed(&describe(&io::ErrorKind::WriteZero.into())),
                    Ok(Ok(written)) => conversation.wrote(written),
                }
            }
            Next::Read(most) => {
                let Some(link) = &mut link else {
                    conversation.failed("not connected");
                    continue;
                };
                buffer.resize(most.min(READ), 0);
                let read = timeout_at(deadline, link.stream.read(&mut buffer)).await;
                match read {
                    Err(_) => conversation.timed_out(),
                    Ok(Err(error)) => conversation.failed(&describe(&error)),
                    Ok(Ok(0)) => conversation.ended(),
                    Ok(Ok(read)) => conversation.received(&buffer[..read]),
                }
            }
        }
    };
    (result.took(begun.elapsed()), link)
}

/// Connects. `is_connected` tells whether only a handshake is left.
async fn connect(
    route: &CheckRoute,
    place: Place<'_>,
    connecting: Connecting<'_>,
    deadline: Instant,
    is_connected: &mut bool,
) -> Result<Link, Failure> {
    let address = route.address(place.server, place.target, connecting.port);
    let mut to =
        Target { deadline: Some(deadline), data_ready: connecting.sends_first, ..Target::new(address) };
    if connecting.only_connects && route.layers.is_empty() && !connecting.options.linger {
        // The connection is reset at once. Without the last packet of the handshake the server's system does not make a
        // connection that its program would have to accept for nothing, and both sides do half the work.
        to.options.push(SocketOption::DelayAck);
    }
    let via = route.via.as_ref().map(|via| Target { address: via.clone(), ..to.clone() });
    let connected = route.connector.connect(via.as_ref().unwrap_or(&to)).await;
    let mut stream = connected.map_err(Failure::Connect)?;
    if route.is_native && stream.info().state != State::Native {
        // What was asked for was not established: the status is that of a connection that failed.
        return Err(Failure::Handshake(format!("the connection is not one of {}", stream.info().transport)));
    }
    *is_connected = true;
    let (outgoing, mut findings) = (Outgoing::new(&to), Findings::default());
    let limit = deadline.saturating_duration_since(Instant::now());
    for layer in &route.layers {
        let connected = connect_by(deadline, limit, &**layer, stream, &outgoing, &mut findings).await;
        stream = connected.map_err(|error: LayerError| Failure::Handshake(error.to_string()))?;
    }
    Ok(Link { stream, findings, lingers: connecting.options.linger })
}

/// Returns the text of the system's error, if there is one.
fn describe_connect(error: &ConnectError) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return describe(error);
        }
        cause = error.source();
    }
    error.to_string()
}
