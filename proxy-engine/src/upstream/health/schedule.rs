//! When checks run: spread over time, and over the workers.

use std::future::pending;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use proxy_health::{CheckPlace, CheckSource, Conversation, First, Run, Spread};
use proxy_rules::ProcessVariables;
use tokio::time::{Instant, sleep_until};

use super::config::HealthCheck;
use super::external;
use super::record::condition;
use super::run::{Place, run};
use super::send_state::state;
use super::target::CheckSettings;
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;

/// A check of a server, and its place among all of the program.
#[derive(Debug)]
pub(crate) struct ScheduledCheck {
    backend: Arc<Backend>,
    index: usize,
    source: CheckSource,
    first: First,
}

/// Returns all checks of these backends.
pub(crate) fn schedule(backends: &[Arc<Backend>]) -> Vec<ScheduledCheck> {
    let mut checks = Vec::new();
    let mut shortest = Duration::ZERO;
    for backend in backends {
        for (index, server) in backend.servers().iter().enumerate() {
            for source in [CheckSource::Health, CheckSource::Agent] {
                let Some(check) = server.health().config(source) else { continue };
                let interval = check.intervals.normal;
                if interval >= Spread::UNHURRIED && (shortest.is_zero() || interval < shortest) {
                    shortest = interval;
                }
                checks.push((Arc::clone(backend), index, source));
            }
        }
    }
    let count = u32::try_from(checks.len()).unwrap_or(u32::MAX);
    let scheduled = |((backend, index, source), position)| ScheduledCheck {
        backend,
        index,
        source,
        first: First { position, count, shortest },
    };
    checks.into_iter().zip(0..).map(scheduled).collect()
}

impl ScheduledCheck {
    /// Checks the server for as long as the engine runs.
    pub(crate) async fn run(self, variables: ProcessVariables) {
        let ScheduledCheck { backend, index, source, first } = self;
        let Some(server) = backend.servers().get(index) else { return };
        let Some(check) = server.health().config(source) else { return };
        let mut random = Random::new();
        let mut from = Instant::now();
        let mut due = from + check.spread.first(check.intervals.normal, first, random.next());
        loop {
            tokio::select! {
                () = sleep_until(due) => {}
                () = sooner(server, source) => {
                    let (result, hurry) = server.health().take_observed();
                    if let Some(result) = result {
                        backend.record_check(index, source, result);
                    }
                    due = due.min(from + interval(server, check, source, hurry));
                    continue;
                }
            }
            if let Some(settings) = server.begin_check(source) {
                // Boxed: a check mostly waits for the next run.
                Box::pin(run_once(&backend, index, source, check, &settings, &variables)).await;
            }
            from = Instant::now();
            due = from + check.spread.vary(interval(server, check, source, false), random.next());
        }
    }
}

/// Carries out a check once, and what follows from its result.
async fn run_once(
    backend: &Arc<Backend>,
    index: usize,
    source: CheckSource,
    check: &HealthCheck,
    settings: &CheckSettings,
    variables: &ProcessVariables,
) {
    let server = &backend.servers()[index];
    if let Some(command) = &check.external {
        let result = external::run(command, backend, server, check.deadlines.connect).await;
        return backend.record_check(index, source, result);
    }
    let mut conversation = conversation(backend, server, check, settings, variables);
    let place = Place { server: &server.address(), target: &settings.target };
    let (result, link) = run(check, place, &mut conversation).await;
    let result = match source {
        CheckSource::Health => result,
        CheckSource::Agent => backend.follow_agent(index, result, conversation.response()),
    };
    backend.record_check(index, source, result);
    if let Some(link) = link {
        link.close();
    }
}

/// Waits until the health check of a server has something to record, or is due sooner than it was.
async fn sooner(server: &Server, source: CheckSource) {
    match source {
        CheckSource::Health => server.health().sooner.notified().await,
        CheckSource::Agent => pending().await,
    }
}

/// Returns the interval until the next check. `hurry` is whether errors of ordinary traffic have asked for the fast one.
fn interval(server: &Server, check: &HealthCheck, source: CheckSource, hurry: bool) -> Duration {
    let tally = server.health().checks().results.any(source).tally;
    check.intervals.next(&tally, condition(server.view().operational), hurry)
}

/// Returns the conversation of one run.
fn conversation(
    backend: &Backend,
    server: &Server,
    check: &HealthCheck,
    settings: &CheckSettings,
    variables: &ProcessVariables,
) -> Conversation {
    let of_server = server.address();
    let address = check
        .routes
        .first()
        .map_or_else(|| of_server.clone(), |route| route.address(&of_server, &settings.target, None));
    let nowhere = match address.inet() {
        Some(inet) if inet.is_ipv4() => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into(),
        Some(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into(),
        None => address.clone(),
    };
    let place =
        CheckPlace { backend: backend.name().into(), server: server.name().into(), source: nowhere, address };
    let run = Run {
        place: Arc::new(place),
        buffer: check.buffer,
        is_up: server.view().operational.takes_sessions(),
        state: check.node.as_deref().map(|node| state(backend, server, node)),
        variables: variables.clone(),
    };
    let rules = settings.rules.as_ref().unwrap_or(&check.rules);
    Conversation::new(Arc::clone(rules), run)
}

/// A source of numbers that differ between checks and processes.
struct Random {
    state: RandomState,
    count: u64,
}

impl Random {
    fn new() -> Random {
        Random { state: RandomState::new(), count: 0 }
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.state.hash_one(self.count) as u32
    }
}
