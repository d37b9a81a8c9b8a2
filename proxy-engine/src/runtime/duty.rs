//! The duties of a worker: its tasks besides serving connections.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::answers;
use super::gauges::Gauges;
use super::inquiry::Inquiries;
use super::server_orders::ServerOrders;
use crate::connection::{Frontend, WorkerContext};
use crate::listener::Phase;
use crate::upstream::Backend;
use crate::upstream::handover::{self, HandoverRequests};
use crate::upstream::health::ScheduledCheck;
use crate::upstream::names::SectionRun;

/// A task that a worker runs until it stops. It waits most of the time.
pub(crate) trait Duty: fmt::Debug {
    /// Runs until the worker stops.
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>>;
}

/// Watches idle connections to servers and closes those that are not needed.
#[derive(Debug)]
pub(crate) struct WatchPool;

impl Duty for WatchPool {
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { worker.pool.watch().await })
    }
}

/// Passes idle connections to workers that ask for them.
#[derive(Debug)]
pub(crate) struct AnswerHandovers(pub(crate) HandoverRequests);

impl Duty for AnswerHandovers {
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { handover::answer(&worker.pool, self.0).await })
    }
}

/// Answers inquiries about what lives on the worker, and ends sessions and connections on request.
#[derive(Debug)]
pub(crate) struct AnswerInquiries(pub(crate) Inquiries);

impl Duty for AnswerInquiries {
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { answers::answer(&worker, self.0).await })
    }
}

/// Raises the weights of servers of a backend that have just come up. One worker does it for all.
#[derive(Debug)]
pub(crate) struct SlowStarts(pub(crate) Arc<Backend>);

impl Duty for SlowStarts {
    fn run(self: Box<Self>, _: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.run_slow_starts())
    }
}

/// Checks a server.
#[derive(Debug)]
pub(crate) struct CheckServer(pub(crate) ScheduledCheck);

impl Duty for CheckServer {
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.run(worker.memory.process().clone()))
    }
}

/// Resolves the names of a `resolvers` section.
#[derive(Debug)]
pub(crate) struct ResolveNames(pub(crate) SectionRun);

impl Duty for ResolveNames {
    fn run(self: Box<Self>, _: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.run())
    }
}

/// Ends sessions of servers whose state changes, and closes idle connections to them.
#[derive(Debug)]
pub(crate) struct FollowOrders(pub(crate) Arc<ServerOrders>);

impl Duty for FollowOrders {
    fn run(self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { self.0.carry_out(&worker).await })
    }
}

/// Ends each second of the rates of frontends, servers and backends, and of the idle times of workers. One worker does it
/// for all.
#[derive(Debug)]
pub(crate) struct SampleRates {
    pub(crate) frontends: Arc<[Arc<Frontend>]>,
    pub(crate) backends: Arc<[Arc<Backend>]>,
    pub(crate) gauges: Arc<Gauges>,
}

/// The time over which events are counted for a rate.
const SECOND: Duration = Duration::from_secs(1);

impl Duty for SampleRates {
    fn run(self: Box<Self>, _: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            let SampleRates { frontends, backends, gauges } = *self;
            let mut second = interval(SECOND);
            second.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                second.tick().await;
                gauges.sample();
                frontends.iter().for_each(|frontend| frontend.observed().sample());
                for backend in backends.iter() {
                    backend.observed().sample();
                    backend.servers().iter().for_each(|server| server.observed().sample());
                }
            }
        })
    }
}

/// Closes the connections of idle clients once the engine stops softly.
#[derive(Debug)]
pub(crate) struct BeginStop(pub(crate) watch::Receiver<Phase>);

impl Duty for BeginStop {
    fn run(mut self: Box<Self>, worker: Rc<WorkerContext>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            // A dropped engine stops as well.
            let _ = self.0.wait_for(|phase| !phase.accepts_again()).await;
            worker.begin_stop();
        })
    }
}
