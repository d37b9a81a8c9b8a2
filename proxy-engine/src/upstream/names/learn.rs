//! What requesters learn from answers: servers, services and rules.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use proxy_resolve::message::{Answer, RecordType};
use proxy_resolve::{
    Change, Choice, Counted, DomainName, Event, Failure, Family, Key, Known, Preference, Requester, Resolver,
    Status,
};
use tokio::sync::oneshot;

use super::config::ResolverSection;
use super::order::Order;
use super::services::{BackendService, requester};
use crate::upstream::backend::Backend;

/// A rule that waits for an address.
#[derive(Debug)]
struct Lookup {
    key: Key,
    prefers: Family,
    found: oneshot::Sender<Option<IpAddr>>,
}

/// Those who ask about the names of a section.
#[derive(Debug)]
pub(super) struct Learners {
    section: Arc<ResolverSection>,
    backends: HashMap<u32, Arc<Backend>>,
    pub(super) resolver: Resolver,
    /// The names of servers.
    servers: HashMap<Requester, Key>,
    services: Vec<BackendService>,
    lookups: HashMap<u64, Lookup>,
    next_lookup: u64,
    /// Names that nobody asks about any more.
    dropped: Vec<Key>,
}

impl Learners {
    pub(super) fn new(
        section: Arc<ResolverSection>,
        backends: Vec<Arc<Backend>>,
        resolver: Resolver,
        services: Vec<BackendService>,
        now: Instant,
    ) -> Learners {
        let all = backends.iter().map(|backend| (backend.id(), Arc::clone(backend))).collect();
        let mut learners = Learners {
            section,
            backends: all,
            resolver,
            servers: HashMap::new(),
            services,
            lookups: HashMap::new(),
            next_lookup: 0,
            dropped: Vec::new(),
        };
        for backend in &backends {
            for (index, server) in backend.servers().iter().enumerate() {
                let resolution = server.config().resolution.as_ref();
                let is_own = resolution.is_some_and(|of| Arc::ptr_eq(&of.section, &learners.section));
                if is_own {
                    learners.link_server(backend, index, now);
                }
            }
        }
        for at in 0..learners.services.len() {
            let name = learners.services[at].name.clone();
            learners.services[at].key =
                learners.resolver.link(Requester::Service(at), name, RecordType::Srv, now);
        }
        learners
    }

    /// Has the name of a server resolved, if it has one.
    fn link_server(&mut self, backend: &Arc<Backend>, index: usize, now: Instant) {
        let own = requester(backend, index);
        self.unlink_server(own);
        let Some(server) = backend.servers().get(index) else { return };
        let (Some(host), Some(resolution)) = (server.host(), &server.config().resolution) else { return };
        let Some(name) = DomainName::parse(&host) else { return };
        let records = self.resolver.families().first(resolution.preference.family);
        if let Some(key) = self.resolver.link(own, name, records, now) {
            self.servers.insert(own, key);
        }
    }

    fn unlink_server(&mut self, own: Requester) {
        if let Some(key) = self.servers.remove(&own) {
            self.unlink(own, key);
        }
    }

    fn unlink(&mut self, requester: Requester, key: Key) {
        if self.resolver.unlink(requester, key) {
            self.dropped.push(key);
        }
    }

    /// Returns the names that nobody asks about any more.
    pub(super) fn take_dropped(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.dropped)
    }

    /// Follows the answer of a name server.
    pub(super) fn answered(
        &mut self,
        key: Key,
        server: usize,
        answer: Result<Answer, Failure>,
        now: Instant,
    ) -> Vec<Event> {
        let (event, gone) = self.resolver.answered(key, answer, now);
        if let Some(Event::Resolved(_)) = &event {
            self.resolved(key, server, &gone, now);
        }
        event.into_iter().collect()
    }

    fn resolved(&mut self, key: Key, server: usize, gone: &[Known], now: Instant) {
        let requesters = self.resolver.requesters(key).to_vec();
        let mut finder = Some(server);
        for requester in requesters {
            match requester {
                Requester::Server { backend, index } => {
                    self.server_learns(key, backend, index, finder);
                }
                Requester::Service(at) => self.service_learns(key, at, gone, now),
                Requester::Lookup(id) => self.answer_lookup(id),
            }
            // As in HAProxy, the others have it from the cache.
            finder = None;
        }
    }

    /// Chooses an address for a server. `finder` is the name server that has answered.
    fn server_learns(&mut self, key: Key, backend: u32, index: usize, finder: Option<usize>) {
        let Some(backend) = self.backends.get(&backend).map(Arc::clone) else { return };
        let Some(server) = backend.servers().get(index) else { return };
        let Some(resolution) = &server.config().resolution else { return };
        let own = requester(&backend, index);
        match self.resolver.choose(key, &resolution.preference, server.ip(), Some(own)) {
            Choice::Same => {}
            Choice::New(ip) => {
                let found = finder.and_then(|finder| self.section.servers().nth(finder));
                let by = match found {
                    Some((server, _)) => format!("{}/{}", self.section.config().name, server.name),
                    None => "DNS cache".to_owned(),
                };
                let is_other = backend.readdress(index, ip, None, &by);
                if let Some((_, counters)) = found.filter(|_| is_other) {
                    counters.count(Counted::Update);
                }
            }
            Choice::None => {
                backend.unresolve(index, Status::Valid);
            }
        }
    }

    /// Follows new records of a service.
    fn service_learns(&mut self, key: Key, at: usize, gone: &[Known], now: Instant) {
        let (Some(records), Some(of)) = (self.resolver.records(key), self.services.get_mut(at)) else {
            return;
        };
        let mut changes = of.service.dropped(gone);
        changes.extend(of.service.update(records));
        let backend = Arc::clone(&of.backend);
        for change in changes {
            self.change_server(&backend, change, now);
        }
    }

    fn change_server(&mut self, backend: &Arc<Backend>, change: Change, now: Instant) {
        let (index, target, port, weight, ip) = match change {
            Change::Released { server } => {
                self.unlink_server(requester(backend, server));
                backend.unassign(server);
                return;
            }
            Change::Assigned { server, target, port, weight, ip } => (server, target, port, weight, ip),
        };
        let own = requester(backend, index);
        match ip {
            Some(ip) => {
                self.unlink_server(own);
                backend.readdress(index, ip, Some(port), "DNS additional record");
                backend.name_by_record(index, &target);
            }
            None => {
                backend.set_port(index, port);
                backend.name_by_record(index, &target);
                if !self.servers.contains_key(&own) {
                    self.link_server(backend, index, now);
                }
            }
        }
        let resolution = backend.servers().get(index).and_then(|server| server.config().resolution.as_ref());
        if resolution.is_some_and(|resolution| !resolution.preference.ignores_weight) {
            backend.set_record_weight(index, weight);
        }
    }

    /// Follows that there is no answer about a name.
    pub(super) fn failed(&mut self, key: Key, status: Status, now: Instant) {
        let holds = self.resolver.holds(key, status, now);
        let mut is_kept = false;
        let requesters = self.resolver.requesters(key).to_vec();
        let has_service = requesters.iter().any(|requester| matches!(requester, Requester::Service(_)));
        let gone = if has_service && !holds { self.resolver.forget(key) } else { Vec::new() };
        for requester in requesters {
            match requester {
                Requester::Server { backend, index } => {
                    let Some(backend) = self.backends.get(&backend) else { continue };
                    if holds || !backend.unresolve(index, status) {
                        is_kept = true;
                    } else {
                        self.resolver.release(key, requester);
                    }
                }
                Requester::Service(_) if holds => is_kept = true,
                Requester::Service(at) => {
                    let Some(of) = self.services.get_mut(at) else { continue };
                    let (changes, backend) = (of.service.dropped(&gone), Arc::clone(&of.backend));
                    changes.into_iter().for_each(|change| self.change_server(&backend, change, now));
                }
                Requester::Lookup(id) => self.end_lookup(id, None),
            }
        }
        if !is_kept {
            self.resolver.forget(key);
        }
    }

    /// Carries out an order.
    pub(super) fn order(&mut self, order: Order, now: Instant) -> Vec<Event> {
        match order {
            Order::Renamed { backend, index } => {
                if let Some(backend) = self.backends.get(&backend).map(Arc::clone) {
                    self.link_server(&backend, index, now);
                }
            }
            Order::Hurry { backend, index } => {
                if let Some(key) = self.servers.get(&Requester::Server { backend, index }) {
                    self.resolver.hurry(*key, now);
                }
            }
            Order::Lookup { name, prefers, found } => self.begin_lookup(name, prefers, found, now),
        }
        Vec::new()
    }

    fn begin_lookup(
        &mut self,
        name: DomainName,
        prefers: Family,
        found: oneshot::Sender<Option<IpAddr>>,
        now: Instant,
    ) {
        // Those whose client has left learn nothing.
        let left: Vec<u64> =
            self.lookups.iter().filter(|(_, lookup)| lookup.found.is_closed()).map(|(id, _)| *id).collect();
        left.into_iter().for_each(|id| self.end_lookup(id, None));
        self.next_lookup += 1;
        let (id, records) = (self.next_lookup, self.resolver.families().first(prefers));
        let Some(key) = self.resolver.link(Requester::Lookup(id), name, records, now) else {
            let _ = found.send(None);
            return;
        };
        self.lookups.insert(id, Lookup { key, prefers, found });
        match self.resolver.is_fresh(key, now) {
            true => self.answer_lookup(id),
            false => self.resolver.hurry(key, now),
        }
    }

    fn answer_lookup(&mut self, id: u64) {
        let Some(Lookup { key, prefers, .. }) = self.lookups.get(&id) else { return };
        let preference = Preference { family: *prefers, ..Preference::default() };
        let address = match self.resolver.choose(*key, &preference, None, None) {
            Choice::New(ip) => Some(ip),
            Choice::Same | Choice::None => None,
        };
        self.end_lookup(id, address);
    }

    fn end_lookup(&mut self, id: u64, address: Option<IpAddr>) {
        let Some(Lookup { key, found, .. }) = self.lookups.remove(&id) else { return };
        self.unlink(Requester::Lookup(id), key);
        let _ = found.send(address);
    }
}
