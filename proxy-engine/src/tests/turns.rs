//! The sequences of servers that algorithms choose. They are HAProxy's for the same weights.

use super::*;
use crate::balance::{Hashing, Requester};
use crate::upstream::choose::Assigned;
use crate::upstream::slot::ServerSlot;

fn weighted(lab: &Lab, algorithm: &str, weights: &[u16]) -> Arc<Backend> {
    let server = |(at, weight): (usize, &u16)| {
        let id = at as u32 + 1;
        Server::new(ServerConfig { weight: *weight, ..lab.server(&format!("s{id}"), id) })
    };
    Backend::new(config(weights.iter().enumerate().map(server).collect(), algorithm))
}

fn slot(backend: &Arc<Backend>) -> ServerSlot {
    from(backend, None)
}

fn from(backend: &Arc<Backend>, client: Option<std::net::IpAddr>) -> ServerSlot {
    match backend.assign(Requester { client, request: None, key: None }, None) {
        Assigned::Slot(slot) => slot,
        other => panic!("{other:?}"),
    }
}

/// Returns the numbers of the servers chosen for sessions that end at once.
fn sequence(backend: &Arc<Backend>, length: usize) -> String {
    (0..length).map(|_| slot(backend).server().id().to_string()).collect()
}

#[test]
fn roundrobin() {
    run(|lab| async move {
        let backend = weighted(&lab, "roundrobin", &[1, 2, 3]);
        assert_eq!(sequence(&backend, 192), "323132".repeat(32));
        let backend = weighted(&lab, "roundrobin", &[5, 1, 1, 7, 5]);
        let expected = "4145145241541453415414514524154145341541451452415414534154145145241541453415";
        assert_eq!(sequence(&backend, 76), expected);
        let backend = weighted(&lab, "roundrobin", &[1, 1, 1]);
        assert_eq!(sequence(&backend, 9), "123123123");
    });
}

#[test]
fn roundrobin_follows_weights_and_maintenance() {
    run(|lab| async move {
        let backend = weighted(&lab, "roundrobin", &[1, 1, 1]);
        sequence(&backend, 4);
        assert!(backend.set_maintenance("s2", true));
        let turns = sequence(&backend, 40);
        assert!(!turns.contains('2') && turns.matches('1').count().abs_diff(20) <= 1, "{turns}");
        assert!(backend.set_maintenance("s2", false) && backend.set_weight("s3", 4));
        let turns = sequence(&backend, 60);
        let count = |id: char| turns.matches(id).count();
        for (id, share) in [('1', 10), ('2', 10), ('3', 40)] {
            assert!(count(id).abs_diff(share) <= 2, "{id} in {turns}");
        }
        assert!(backend.set_weight("s3", 0));
        assert!(!sequence(&backend, 20).contains('3'));
        assert!(!backend.set_weight("s9", 1));
    });
}

#[test]
fn static_rr() {
    run(|lab| async move {
        let backend = weighted(&lab, "static-rr", &[10, 20, 30]);
        assert_eq!(sequence(&backend, 12), "132323132323");
        assert!(backend.set_weight("s1", 100));
        assert_eq!(sequence(&backend, 60).matches('1').count(), 10);
    });
}

#[test]
fn leastconn() {
    run(|lab| async move {
        let backend = weighted(&lab, "leastconn", &[1, 2, 3]);
        let held: Vec<ServerSlot> = (0..18).map(|_| slot(&backend)).collect();
        let loads: Vec<usize> = backend.servers().iter().map(|server| server.load()).collect();
        assert_eq!(loads, [3, 6, 9]);
        drop(held);
        // Servers with equal load take turns.
        let backend = weighted(&lab, "leastconn", &[1, 1, 1, 1]);
        assert_eq!(sequence(&backend, 8), "12341234");
    });
}

#[test]
fn source() {
    run(|lab| async move {
        let backend = weighted(&lab, "source", &[1, 2, 3]);
        let of = |host: u8| from(&backend, Some([127, 0, 0, host].into())).server().id().to_string();
        let servers: String = (1..=12).map(of).collect();
        assert_eq!(servers, "313232313232");
    });
}

#[test]
fn random() {
    run(|lab| async move {
        let backend = weighted(&lab, "random", &[1, 2, 3]);
        let held: Vec<ServerSlot> = (0..600).map(|_| slot(&backend)).collect();
        for (server, share) in backend.servers().iter().zip([100, 200, 300_usize]) {
            assert!(server.load().abs_diff(share) <= 30, "{}: {}", server.name(), server.load());
        }
        drop(held);
        let algorithms = balance::Algorithm::entries();
        let make = algorithms.find("random").unwrap().make;
        assert!(
            make(&["3"], &Hashing::default()).is_ok()
                && make(&["0"], &Hashing::default()).is_err()
                && make(&["x"], &Hashing::default()).is_err()
                && make(&["1", "2"], &Hashing::default()).is_err()
        );
    });
}

#[test]
fn first() {
    run(|lab| async move {
        let server = |name, id| Server::new(ServerConfig { maxconn: Some(2), ..lab.server(name, id) });
        let backend = Backend::new(config(vec![server("s1", 9), server("s2", 3)], "first"));
        let mut held: Vec<ServerSlot> = (0..4).map(|_| slot(&backend)).collect();
        let ids: Vec<u32> = held.iter().map(|slot| slot.server().id()).collect();
        assert_eq!(ids, [3, 3, 9, 9]);
        held.remove(0);
        assert_eq!(slot(&backend).server().id(), 3);
    });
}

#[test]
fn backups_only_while_no_primary_is_usable() {
    run(|lab| async move {
        for (allbackups, expected) in [(false, "2222"), (true, "2323")] {
            let backup = |name, id| Server::new(ServerConfig { backup: true, ..lab.server(name, id) });
            let servers = vec![Server::new(lab.server("s1", 1)), backup("s2", 2), backup("s3", 3)];
            let backend = Backend::new(BackendConfig { allbackups, ..config(servers, "roundrobin") });
            assert_eq!(sequence(&backend, 4), "1111");
            assert!(backend.set_maintenance("s1", true));
            assert_eq!(sequence(&backend, 4), expected);
            assert!(backend.set_maintenance("s1", false));
            assert_eq!(sequence(&backend, 4), "1111");
        }
    });
}

#[test]
fn a_server_that_failed_is_avoided() {
    run(|lab| async move {
        for algorithm in ["roundrobin", "static-rr", "leastconn", "first", "random"] {
            let backend = weighted(&lab, algorithm, &[1, 1]);
            for _ in 0..6 {
                let Assigned::Slot(slot) = backend.assign(Requester::default(), Some(0)) else {
                    panic!("there is room")
                };
                assert_eq!(slot.index(), 1, "{algorithm}");
            }
            let backend = weighted(&lab, algorithm, &[1]);
            let Assigned::Slot(slot) = backend.assign(Requester::default(), Some(0)) else {
                panic!("there is room")
            };
            assert_eq!(slot.index(), 0, "{algorithm}: there is no other");
        }
    });
}

/// Returns how far the numbers of sessions of the servers are from what their weights say, at most, in parts of that. Of
/// a million sessions, each ends when so many others have begun after it.
fn deviation(backend: &Arc<Backend>, at_once: usize) -> f64 {
    const SESSIONS: usize = 1_000_000;
    let mut counts = vec![0_u32; backend.servers().len()];
    let mut held = std::collections::VecDeque::new();
    for _ in 0..SESSIONS {
        if held.len() == at_once {
            held.pop_front();
        }
        let slot = slot(backend);
        counts[slot.index()] += 1;
        held.push_back(slot);
    }
    let weight = |server: &Arc<Server>| f64::from(server.config().weight);
    let total: f64 = backend.servers().iter().map(weight).sum();
    let off = |(server, count): (&Arc<Server>, &u32)| {
        (f64::from(*count) / (SESSIONS as f64 * weight(server) / total) - 1.0).abs()
    };
    backend.servers().iter().zip(&counts).map(off).fold(0.0, f64::max)
}

#[test]
fn shares_follow_weights() {
    run(|lab| async move {
        let weights = [1, 2, 3, 5, 8, 13, 21, 34, 10, 3];
        for (algorithm, at_once, most) in [
            ("roundrobin", 1, 0.001),
            ("static-rr", 1, 0.001),
            // As many as leave a light server one session less than its share.
            ("leastconn", 500, 0.25),
            // HAProxy with 32 connections: 0.51.
            ("random", 32, 0.51),
            ("random", 500, 0.2),
        ] {
            let deviation = deviation(&weighted(&lab, algorithm, &weights), at_once);
            assert!(deviation <= most, "{algorithm}, {at_once} at once: {deviation}");
        }
    });
}

/// Servers go and come while threads choose among them: at the end each algorithm knows which there are.
#[test]
fn changes_while_others_choose() {
    const SERVERS: usize = 20;
    run(|lab| async move {
        for algorithm in ["roundrobin", "static-rr", "leastconn", "first", "random", "source"] {
            let server =
                |id: u32| Server::new(ServerConfig { maxconn: Some(3), ..lab.server(&format!("s{id}"), id) });
            let backend = Backend::new(config((1..=SERVERS as u32).map(server).collect(), algorithm));
            let choose = |thread: u8| {
                for number in 0..5000_u16 {
                    let [high, low] = number.to_be_bytes();
                    let client = Some([10, thread, high, low].into());
                    drop(backend.assign(Requester { client, ..Requester::default() }, None));
                }
            };
            std::thread::scope(|scope| {
                (0..3).for_each(|thread| drop(scope.spawn(move || choose(thread))));
                for round in 0..200 {
                    let name = format!("s{}", 1 + round * 7 % SERVERS);
                    assert!(backend.set_maintenance(&name, round % 3 != 0));
                    assert!(
                        backend.set_weight(&format!("s{}", 1 + round * 3 % SERVERS), 1 + round as u16 % 9)
                    );
                }
            });
            let usable: Vec<bool> = backend.servers().iter().map(|server| server.is_usable()).collect();
            assert_eq!(backend.usable_servers().0, usable.iter().filter(|usable| **usable).count());
            // With each slot taken, all that are usable have been chosen, and no others.
            let mut held = Vec::new();
            for number in 0..20_000_u32 {
                let client = Some(number.to_be_bytes().into());
                match backend.assign(Requester { client, ..Requester::default() }, None) {
                    Assigned::Slot(slot) => held.push(slot),
                    // These may choose a full one.
                    _ if matches!(algorithm, "source" | "random") => {}
                    _ => break,
                }
            }
            let full: Vec<bool> = backend.servers().iter().map(|server| server.load() > 0).collect();
            assert_eq!(full, usable, "{algorithm}");
            assert!(backend.servers().iter().all(|server| matches!(server.load(), 0 | 3..)), "{algorithm}");
            drop(held);
            assert!(backend.servers().iter().all(|server| server.load() == 0), "{algorithm}");
        }
    });
}
