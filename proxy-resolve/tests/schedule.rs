//! When names are asked about, and what their requesters learn.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use proxy_resolve::message::{Answer, Data, Question, RecordType};
use proxy_resolve::{
    Change, Choice, DomainName, Event, Failure, Families, Family, Holds, Key, Preference, Requester,
    Resolver, ResolverPolicy, Service, Status,
};

const SECOND: Duration = Duration::from_secs(1);
const SERVER: Requester = server(0);

const fn server(index: usize) -> Requester {
    Requester::Server { backend: 1, index }
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn addresses(ips: &[&str]) -> Answer {
    Answer { records: ips.iter().map(|text| Data::Address(ip(text))).collect(), additional: Vec::new() }
}

/// A resolver with a name, and its clock.
struct World {
    resolver: Resolver,
    key: Key,
    now: Instant,
}

impl World {
    fn new(policy: ResolverPolicy, servers: usize, families: Families, records: RecordType) -> World {
        let now = Instant::now();
        let mut resolver = Resolver::new(policy, servers, families);
        let key = resolver.link(SERVER, name("a.test"), records, now).unwrap();
        World { resolver, key, now }
    }

    /// Lets time pass until something is due, and returns how much and what.
    fn wait(&mut self) -> (Duration, Vec<Event>) {
        let due = self.resolver.due().unwrap().max(self.now);
        let passed = due - self.now;
        self.now = due;
        (passed, self.resolver.advance(due))
    }

    fn ask(&self, records: RecordType) -> Event {
        Event::Ask(self.key, Question { name: name("a.test"), records })
    }

    fn answer(&mut self, answer: Result<Answer, Failure>) -> Option<Event> {
        self.resolver.answered(self.key, answer, self.now).0
    }

    fn choose(&mut self, preference: &Preference, current: Option<IpAddr>, index: usize) -> Choice {
        self.resolver.choose(self.key, preference, current, Some(server(index)))
    }
}

#[test]
fn questions_are_repeated_until_the_tries_are_used_up() {
    let mut world = World::new(ResolverPolicy::default(), 2, Families::BOTH, RecordType::Aaaa);
    for wait in [Duration::ZERO, SECOND, SECOND] {
        assert_eq!(world.wait(), (wait, vec![world.ask(RecordType::Aaaa)]));
    }
    assert_eq!(world.wait(), (SECOND, vec![Event::Failed(world.key, Status::TimedOut)]));
    // The next resolution begins after the interval.
    assert_eq!(world.wait(), (SECOND, vec![world.ask(RecordType::Aaaa)]));
}

#[test]
fn the_other_family_is_asked_for_once_all_servers_have_failed() {
    let mut world = World::new(ResolverPolicy::default(), 2, Families::BOTH, RecordType::Aaaa);
    world.wait();
    assert_eq!(world.answer(Err(Failure::NoRecords)), None);
    assert_eq!(world.answer(Err(Failure::NoSuchName)), Some(world.ask(RecordType::A)));
    assert_eq!(world.answer(Err(Failure::NoSuchName)), None);
    assert_eq!(world.answer(Ok(addresses(&["192.0.2.1"]))), Some(Event::Resolved(world.key)));
    // An answer that comes later changes nothing.
    assert_eq!(world.answer(Ok(addresses(&["192.0.2.2"]))), None);
    assert_eq!(world.resolver.status(world.key), Some(Status::Valid));
    assert_eq!(world.wait(), (SECOND, vec![world.ask(RecordType::Aaaa)]));
}

#[test]
fn with_one_family_a_failure_waits_for_the_next_try() {
    let v4 = Families { v4: true, v6: false };
    let policy = ResolverPolicy { tries: 2, ..ResolverPolicy::default() };
    let mut world = World::new(policy, 1, v4, RecordType::A);
    world.wait();
    assert_eq!(world.answer(Err(Failure::Refused)), None);
    assert_eq!(world.wait(), (SECOND, vec![world.ask(RecordType::A)]));
    assert_eq!(world.answer(Err(Failure::Refused)), None);
    assert_eq!(world.wait(), (SECOND, vec![Event::Failed(world.key, Status::Refused)]));
}

#[test]
fn failures_change_nothing_for_as_long_as_the_section_says() {
    let holds = Holds { nx: 5 * SECOND, ..Holds::default() };
    let policy = ResolverPolicy { holds, ..ResolverPolicy::default() };
    let mut world = World::new(policy, 1, Families::BOTH, RecordType::A);
    world.wait();
    world.answer(Ok(addresses(&["192.0.2.1"])));
    let after = |seconds: u32, status| world.resolver.holds(world.key, status, world.now + seconds * SECOND);
    assert!(after(4, Status::NoSuchName) && !after(5, Status::NoSuchName));
    assert!(after(29, Status::TimedOut) && !after(30, Status::TimedOut));
    assert!(!after(0, Status::Valid));
}

#[test]
fn names_that_rules_ask_for_are_kept_for_a_while() {
    let now = Instant::now();
    let mut resolver = Resolver::new(ResolverPolicy::default(), 1, Families::BOTH);
    let lookup = Requester::Lookup(1);
    let key = resolver.link(lookup, name("a.test"), RecordType::A, now).unwrap();
    assert_eq!(resolver.link(Requester::Lookup(2), name("a.test"), RecordType::A, now), Some(key));
    resolver.advance(now);
    resolver.answered(key, Ok(addresses(&["192.0.2.1"])), now);
    assert!(!resolver.unlink(Requester::Lookup(2), key) && !resolver.unlink(lookup, key));
    assert!(resolver.is_fresh(key, now + 9 * SECOND) && !resolver.is_fresh(key, now + 10 * SECOND));
    assert_eq!(resolver.due(), Some(now + 10 * SECOND));
    assert_eq!(resolver.advance(now + 10 * SECOND), [Event::Dropped(key)]);
    // Clients choose the names: there is a limit.
    let link = |resolver: &mut Resolver, at: u64| {
        resolver.link(Requester::Lookup(at), name(&format!("n{at}.test")), RecordType::A, now)
    };
    let linked = (0..5000).filter(|at| link(&mut resolver, *at).is_some()).count();
    assert_eq!(linked, 4096);
}

#[test]
fn servers_of_a_name_have_different_addresses_while_there_are_enough() {
    let mut world = World::new(ResolverPolicy::default(), 1, Families::BOTH, RecordType::A);
    world.wait();
    world.answer(Ok(addresses(&["192.0.2.1", "192.0.2.2"])));
    let v4 = Preference { family: Family::V4, ..Preference::default() };
    let Choice::New(first) = world.choose(&v4, None, 0) else { panic!("there is one") };
    let Choice::New(second) = world.choose(&v4, None, 1) else { panic!("there are two") };
    assert_ne!(first, second);
    assert_eq!(world.choose(&v4, None, 2), Choice::None);
    let shared = Preference { shares_address: true, ..v4.clone() };
    assert!(matches!(world.choose(&shared, None, 2), Choice::New(_)));
    // Who has one keeps it for as long as answers have it.
    world.wait();
    world.answer(Ok(addresses(&["192.0.2.2", "192.0.2.1", "192.0.2.3"])));
    assert_eq!(world.choose(&v4, Some(first), 0), Choice::Same);
    world.wait();
    let left = if first == ip("192.0.2.1") { "192.0.2.2" } else { "192.0.2.1" };
    world.answer(Ok(addresses(&[left, "192.0.2.3"])));
    assert_eq!(world.choose(&v4, Some(first), 0), Choice::New(ip("192.0.2.3")));
}

#[test]
fn preferences_decide_in_their_order() {
    let preference = |family, networks: &[&str]| Preference {
        family,
        networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        ..Preference::default()
    };
    for (preference, current, expected) in [
        (preference(Family::V6, &[]), None, Choice::New(ip("2001:db8::1"))),
        (preference(Family::V4, &["198.51.100.0/24"]), None, Choice::New(ip("198.51.100.1"))),
        (preference(Family::V4, &[]), Some("198.51.100.1"), Choice::Same),
        (
            preference(Family::V4, &["203.0.113.0/24", "198.51.100.0/24"]),
            Some("192.0.2.1"),
            Choice::New(ip("198.51.100.1")),
        ),
        // As in HAProxy, networks of one family exclude the other.
        (preference(Family::V6, &["198.51.100.0/24"]), None, Choice::New(ip("198.51.100.1"))),
    ] {
        let mut world = World::new(ResolverPolicy::default(), 1, Families::BOTH, RecordType::A);
        world.wait();
        world.answer(Ok(addresses(&["192.0.2.1", "2001:db8::1", "198.51.100.1"])));
        assert_eq!(world.choose(&preference, current.map(ip), 0), expected, "{preference:?}");
    }
}

#[test]
fn servers_of_a_service_follow_its_records() {
    let record = |target: &str, port, weight| Data::Server { target: name(target), port, weight };
    let holds = Holds { obsolete: 2 * SECOND, ..Holds::default() };
    let policy = ResolverPolicy { holds, ..ResolverPolicy::default() };
    let mut world = World::new(policy, 1, Families::BOTH, RecordType::Srv);
    let mut service = Service::default();
    (0..2).for_each(|server| service.add(server));
    let mut follow = |world: &mut World, records: Vec<Data>, additional: Vec<(DomainName, IpAddr)>| {
        world.wait();
        let (_, gone) = world.resolver.answered(world.key, Ok(Answer { records, additional }), world.now);
        let mut changes = service.dropped(&gone);
        changes.extend(service.update(world.resolver.records(world.key).unwrap()));
        changes
    };
    let assigned = |server, target: &str, port, weight, ip| Change::Assigned {
        server,
        target: name(target),
        port,
        weight,
        ip,
    };
    let first = follow(&mut world, vec![record("s1.test", 80, 0)], vec![(name("s1.test"), ip("192.0.2.1"))]);
    assert_eq!(first, [assigned(0, "s1.test", 80, 0, Some(ip("192.0.2.1")))]);
    // The weight changes; a second record takes the second server, and a third one none.
    let all = vec![record("s1.test", 80, 1), record("s1.test", 81, 65535), record("s1.test", 82, 256)];
    let next = follow(&mut world, all, vec![]);
    assert_eq!(next.len(), 2);
    assert_eq!(next[0], assigned(0, "s1.test", 80, 1, Some(ip("192.0.2.1"))));
    // One that answers do not have any more stays for a while, then its server is free.
    let mut released = Vec::new();
    for _ in 0..3 {
        let changes = follow(&mut world, vec![record("s1.test", 81, 65535)], vec![]);
        released.extend(changes.into_iter().filter(|change| matches!(change, Change::Released { .. })));
    }
    assert!(released.contains(&Change::Released { server: 0 }), "{released:?}");
}
