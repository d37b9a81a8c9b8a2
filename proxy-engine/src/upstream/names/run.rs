//! The questions of a section: sent when they are due, to all of its name servers at once.

use std::collections::HashMap;
use std::future::pending;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv6Addr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use proxy_resolve::message::{Answer, Question};
use proxy_resolve::{Event, Failure, Key, Resolver};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::ask::{Asked, ask};
use super::config::ResolverSection;
use super::learn::Learners;
use super::order::Order;
use super::services::services;
use crate::upstream::backend::Backend;

/// The most questions to name servers at the same time: each has a socket. Others wait.
const MOST_ASKED: usize = 256;

/// How long it is remembered whether this machine has a route to IPv6. HAProxy's.
const ROUTE_KNOWN: Duration = Duration::from_secs(30);

/// An answer of the name server with this place in its section.
type Answered = (Key, usize, Option<Result<Answer, Failure>>);

/// The task that resolves the names of a section.
#[derive(Debug)]
pub(crate) struct SectionRun {
    section: Arc<ResolverSection>,
    backends: Vec<Arc<Backend>>,
}

impl SectionRun {
    pub(crate) fn new(section: Arc<ResolverSection>, backends: Vec<Arc<Backend>>) -> SectionRun {
        SectionRun { section, backends }
    }

    /// Resolves names for as long as the engine runs.
    pub(crate) async fn run(self) {
        let SectionRun { section, backends } = self;
        let Some(orders) = section.take_mailbox() else { return };
        let config = section.config();
        let (families, now) = (config.families.families(reaches_v6), Instant::now());
        let resolver = Resolver::new(config.policy, config.servers.len(), families);
        let services = services(&section, &backends);
        let learners = Learners::new(Arc::clone(&section), backends, resolver, services, now.into_std());
        let questions = Questions {
            section,
            asked: JoinSet::new(),
            handles: HashMap::new(),
            room: Arc::new(Semaphore::new(MOST_ASKED)),
            random: RandomState::new(),
            count: 0,
        };
        Box::pin(follow(learners, questions, orders, now)).await;
    }
}

async fn follow(
    mut learners: Learners,
    mut questions: Questions,
    mut orders: mpsc::Receiver<Order>,
    mut route_known: Instant,
) {
    loop {
        let due = learners.resolver.due();
        let events = tokio::select! {
            () = until(due) => {
                if route_known.elapsed() >= ROUTE_KNOWN {
                    let families = questions.section.config().families.families(reaches_v6);
                    learners.resolver.set_families(families);
                    route_known = Instant::now();
                }
                learners.resolver.advance(Instant::now().into_std())
            }
            Some((key, server, answer)) = questions.next() => match answer {
                Some(answer) => learners.answered(key, server, answer, Instant::now().into_std()),
                None => Vec::new(),
            },
            order = orders.recv() => match order {
                Some(order) => learners.order(order, Instant::now().into_std()),
                None => return,
            },
        };
        for key in learners.take_dropped() {
            questions.end(key);
        }
        for event in events {
            match event {
                Event::Ask(key, question) => questions.ask(key, &question),
                Event::Resolved(key) | Event::Dropped(key) => questions.end(key),
                Event::Failed(key, status) => {
                    questions.end(key);
                    learners.failed(key, status, Instant::now().into_std());
                }
            }
        }
    }
}

async fn until(due: Option<std::time::Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => pending().await,
    }
}

/// The questions that wait for answers.
struct Questions {
    section: Arc<ResolverSection>,
    asked: JoinSet<Answered>,
    handles: HashMap<Key, Vec<AbortHandle>>,
    room: Arc<Semaphore>,
    random: RandomState,
    count: u64,
}

impl Questions {
    /// Asks all servers.
    fn ask(&mut self, key: Key, question: &Question) {
        let payload = self.section.config().policy.payload;
        for server in 0..self.section.config().servers.len() {
            self.count += 1;
            let id = self.random.hash_one(self.count) as u16;
            let asked = Asked { question: question.clone(), id, payload };
            let (section, room) = (Arc::clone(&self.section), Arc::clone(&self.room));
            let handle = self.asked.spawn_local(async move {
                let _room = room.acquire_owned().await;
                let answer = match section.servers().nth(server) {
                    Some((server, counters)) => ask(server, counters, &asked).await,
                    None => None,
                };
                (key, server, answer)
            });
            self.handles.entry(key).or_default().push(handle);
        }
    }

    /// Waits for an answer. Cancel-safe.
    async fn next(&mut self) -> Option<Answered> {
        loop {
            match self.asked.join_next().await {
                Some(Ok(answered)) => return Some(answered),
                Some(Err(_)) => {}
                // Nothing is asked; there may be orders.
                None => pending().await,
            }
        }
    }

    /// Waits for no more answers to the questions about a name.
    fn end(&mut self, key: Key) {
        for handle in self.handles.remove(&key).into_iter().flatten() {
            handle.abort();
        }
    }
}

/// Returns whether this machine has a route to IPv6. Nothing is sent.
fn reaches_v6() -> bool {
    let global = Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0);
    UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok_and(|socket| socket.connect((global, 53)).is_ok())
}
