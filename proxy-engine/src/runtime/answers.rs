//! How a worker answers inquiries. No answer takes long: a list is returned one page at a time, and ending a session
//! only signals it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::inquiry::{ConnectionLine, Inquiries, Inquiry, Page, Selection, SessionLine, Through};
use crate::connection::activity::Activity;
use crate::connection::{ConnectionStatus, WorkerContext};
use crate::observe::Cause;

/// The most lines of a page.
const PAGE: usize = 128;
/// The most sessions and exchanges that are looked at for a page, if only some are wanted.
const LOOKED_AT: usize = 4096;

/// Answers inquiries for as long as the worker runs.
pub(crate) async fn answer(worker: &Rc<WorkerContext>, mut inquiries: Inquiries) {
    while let Some(inquiry) = inquiries.recv().await {
        // The requester may be gone, and then the reply is dropped.
        match inquiry {
            Inquiry::Sessions { from, selection, reply } => {
                let _ = reply.send(sessions(worker, from, selection));
            }
            Inquiry::Connections { from, reply } => {
                let _ = reply.send(connections(worker, from));
            }
            Inquiry::KillSessions { selection, reply } => {
                let now = Instant::now();
                let killed = worker
                    .registry
                    .kill_activities(Cause::Killed, |activity| selection.includes(activity, now));
                let _ = reply.send(killed);
            }
            Inquiry::KillConnection { id, reply } => {
                let _ = reply.send(worker.registry.kill_connection(id));
            }
        }
    }
}

impl Selection {
    fn includes(&self, activity: &Activity, now: Instant) -> bool {
        self.id.is_none_or(|id| activity.id() == id)
            && age(activity, now) >= self.older
            && self.through.is_none_or(|through| through.leads(activity))
    }
}

impl Through {
    /// Returns whether a session or exchange is led through it.
    fn leads(self, activity: &Activity) -> bool {
        let meter = activity.meter.borrow();
        let is_of_backend = |id| meter.backend().is_some_and(|backend| backend.id() == id);
        match self {
            Through::Frontend(id) => activity.connection().ingress.frontend.id() == id,
            Through::Backend(id) => is_of_backend(id),
            Through::Server { backend, server } => {
                is_of_backend(backend) && meter.server().is_some_and(|found| found.id() == server)
            }
        }
    }
}

fn age(activity: &Activity, now: Instant) -> Duration {
    now.saturating_duration_since(activity.meter.borrow().began().since)
}

fn sessions(worker: &WorkerContext, from: usize, selection: Selection) -> Page<SessionLine> {
    let now = Instant::now();
    let (mut lines, mut looked_at) = (Vec::new(), 0);
    let next = worker.registry.activities(from, |activity| {
        if lines.len() == PAGE || looked_at == LOOKED_AT {
            return false;
        }
        looked_at += 1;
        if selection.includes(activity, now) {
            lines.push(session(activity, now));
        }
        true
    });
    Page { lines, next }
}

fn session(activity: &Activity, now: Instant) -> SessionLine {
    let (meter, connection) = (activity.meter.borrow(), activity.connection());
    let ingress = &connection.ingress;
    let (request, longest) = (meter.request_line(), ingress.frontend.log().longest_request);
    SessionLine {
        id: activity.id(),
        number: activity.number(),
        connection: meter.is_exchange().then_some(connection.id),
        carriers: (connection.carriers(), meter.carriers().map(ToString::to_string)),
        source: connection.source().clone(),
        frontend: Arc::clone(&ingress.frontend),
        listener: Arc::clone(&ingress.listener),
        backend: meter.backend().cloned(),
        server: meter.server().cloned(),
        server_address: meter.address().cloned(),
        began: meter.began().at,
        age: age(activity, now),
        stage: activity.stage(),
        retries: meter.retries(),
        request: request.get(..longest).unwrap_or(request).to_vec(),
        status: meter.answer(),
        bytes: activity.bytes(),
    }
}

fn connections(worker: &WorkerContext, from: usize) -> Page<ConnectionLine> {
    let now = Instant::now();
    let mut lines = Vec::new();
    let next = worker.registry.connections(from, |status| {
        if lines.len() == PAGE {
            return false;
        }
        lines.push(connection(status, now));
        true
    });
    // Only for this page: there may be many more.
    let mut moving = lines.iter().map(|line| (line.id, (0, 0))).collect();
    worker.registry.add_bytes(&mut moving);
    for line in &mut lines {
        let (received, sent) = moving.get(&line.id).copied().unwrap_or_default();
        line.bytes_in += received;
        line.bytes_out += sent;
    }
    Page { lines, next }
}

/// Describes a connection. The bytes do not include those of open exchanges.
fn connection(status: &ConnectionStatus, now: Instant) -> ConnectionLine {
    let ((doing, since), (bytes_in, bytes_out)) = (status.doing(), status.bytes());
    ConnectionLine {
        id: status.id,
        carriers: status.carriers(),
        source: status.source().clone(),
        frontend: Arc::clone(&status.ingress.frontend),
        listener: Arc::clone(&status.ingress.listener),
        doing,
        since: now.saturating_duration_since(since),
        age: now.saturating_duration_since(status.accepted),
        requests: status.requests(),
        bytes_in,
        bytes_out,
    }
}
