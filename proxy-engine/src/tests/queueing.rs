//! Slots of servers and their queues: exact, first come, first served, and left by sessions that give up.

use std::sync::{OnceLock, Weak};

use proxy_rules::Priority;

use super::*;
use crate::balance::{Balance, Candidates, Requester};
use crate::policy::Redispatch;
use crate::upstream::choose::Assigned;
use crate::upstream::queue::{Called, Waiting};
use crate::upstream::queue_lines::{Claim, Standing};
use crate::upstream::slot::ServerSlot;

fn limited(lab: &Lab, algorithm: &str, maxqueue: Option<usize>) -> (Entry, Stop) {
    let origin = lab.origin("s1");
    let server = ServerConfig { maxconn: Some(1), maxqueue, ..lab.server("s1", 1) };
    let mut config = config(vec![Server::new(server)], algorithm);
    config.timeouts.server = SideTimeouts::default();
    (lab.open(config), origin)
}

#[test]
fn waited_in_vain() {
    run(|mut lab| async move {
        let (entry, origin) = limited(&lab, "roundrobin", None);
        let first = lab.client(&entry).await;
        let _served = served(&origin).await;
        let _second = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/<NOSRV> 1200/-1/1200 0 sQ 2/2/1/0/0 0/1");
        let second = lab.client(&entry).await;
        after(ms(200)).await;
        drop(second);
        assert_eq!(lab.line().await, "fe be/<NOSRV> 200/-1/200 0 CQ 2/2/1/0/0 0/1");
        let second = lab.client(&entry).await;
        after(ms(200)).await;
        second.abort();
        assert_eq!(lab.line().await, "fe be/<NOSRV> 200/-1/200 0 CD 2/2/1/0/0 0/1");
        let mut second = lab.client(&entry).await;
        say(&mut second, "e").await;
        after(ms(200)).await;
        drop(second);
        assert_eq!(lab.line().await, "fe be/<NOSRV> 1200/-1/1200 0 sQ 2/2/1/0/0 0/1");
        let backend = entry.backend();
        assert_eq!((backend.counters().queued(), backend.counters().queued_peak()), (0, 1));
        drop(first);
    });
}

#[test]
fn first_come_first_served() {
    run(|mut lab| async move {
        let (entry, origin) = limited(&lab, "roundrobin", None);
        let mut clients = Vec::new();
        for number in 0..5 {
            let mut client = lab.client(&entry).await;
            say(&mut client, &number.to_string()).await;
            clients.push(client);
            after(ms(50)).await;
        }
        for (number, client) in clients.into_iter().enumerate() {
            let mut server = served(&origin).await;
            hear(&mut server, &number.to_string()).await;
            drop((client, server));
            let (left, waited) = (5 - number, if number == 0 { 0 } else { 250 - 50 * number });
            let line = format!(
                "fe be/s1 {waited}/0/{} 0 -- {left}/{left}/{}/0/0 0/{number}",
                250 - 50 * number,
                left - 1
            );
            assert_eq!(lab.line().await, line);
        }
    });
}

#[test]
fn the_queue_of_a_server_that_is_full() {
    run(|mut lab| async move {
        let (entry, origin) = limited(&lab, "source", Some(1));
        // A hash chooses a server whether it has a free slot or not.
        let first = lab.client(&entry).await;
        let server = served(&origin).await;
        let second = lab.client(&entry).await;
        after(ms(50)).await;
        let _third = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 -1/-1/0 0 SQ 3/3/2/1/0 0/0");
        after(ms(100)).await;
        drop((first, server));
        assert_eq!(lab.line().await, "fe be/s1 0/0/150 0 -- 2/2/1/0/0 0/0");
        drop((served(&origin).await, second));
        assert_eq!(lab.line().await, "fe be/s1 150/0/150 0 -- 1/1/0/0/0 1/0");
    });
}

#[test]
fn a_server_in_maintenance_lets_its_queue_go() {
    run(|mut lab| async move {
        let (entry, origin) = limited(&lab, "source", None);
        let (first, server) = (lab.client(&entry).await, served(&origin).await);
        let _second = lab.client(&entry).await;
        after(ms(100)).await;
        let backend = entry.backend();
        assert_eq!(backend.servers()[0].counters().queued(), 1);
        assert!(backend.set_maintenance("s1", true));
        assert_eq!(lab.line().await, "fe be/<NOSRV> -1/-1/100 0 SC 2/2/1/0/+0 1/0");
        drop((first, server));
        assert_eq!(lab.line().await, "fe be/s1 0/0/100 0 -- 1/1/0/0/0 0/0");
    });
}

/// An algorithm during whose choice the backend changes: the choice is out of date at once, and the session joins the
/// queue after those that waited there were dismissed.
#[derive(Debug)]
struct OutOfDate {
    says: Option<usize>,
    change: fn(&Arc<Backend>) -> bool,
    backend: Arc<OnceLock<Weak<Backend>>>,
}

impl Balance for OutOfDate {
    fn choose(&self, _: &Candidates<'_>) -> Option<usize> {
        let Some(backend) = self.backend.get() else { return Some(0) };
        assert!((self.change)(&backend.upgrade().unwrap()));
        self.says
    }
}

/// Returns the log line of a session that joins a queue without a server to wait for.
async fn out_of_date(lab: &mut Lab, says: Option<usize>, change: fn(&Arc<Backend>) -> bool) -> String {
    let hook = Arc::new(OnceLock::new());
    let algorithm = OutOfDate { says, change, backend: Arc::clone(&hook) };
    let s1 = Server::new(ServerConfig { maxconn: Some(1), ..lab.server("s1", 1) });
    let entry = lab.open(BackendConfig { balance: Box::new(algorithm), ..config(vec![s1], "first") });
    let backend = entry.backend();
    let Assigned::Slot(slot) = backend.assign(Requester::default(), None) else { panic!("there is room") };
    hook.set(Arc::downgrade(backend)).unwrap();
    let _client = lab.client(&entry).await;
    let line = lab.line().await;
    assert_eq!((backend.counters().queued(), backend.servers()[0].counters().queued()), (0, 0));
    drop(slot);
    assert_eq!(backend.servers()[0].load(), 0);
    line
}

#[test]
fn nobody_waits_for_a_server_that_went_between_choice_and_queue() {
    run(|mut lab| async move {
        let line = out_of_date(&mut lab, Some(0), |backend| backend.set_maintenance("s1", true)).await;
        assert_eq!(line, "fe be/<NOSRV> -1/-1/0 0 SC 1/1/0/0/+0 1/0");
    });
}

#[test]
fn nobody_waits_for_any_server_when_the_last_went_between_choice_and_queue() {
    run(|mut lab| async move {
        let gone: [fn(&Arc<Backend>) -> bool; 2] =
            [|backend| backend.set_maintenance("s1", true), |backend| backend.set_weight("s1", 0)];
        for change in gone {
            let line = out_of_date(&mut lab, None, change).await;
            assert_eq!(line, "fe be/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/1");
        }
    });
}

/// A server of weight 0 gets no new sessions, but those that wait in its queue already continue to wait.
#[test]
fn a_server_without_weight_keeps_its_queue() {
    run(|lab| async move {
        let s1 = Server::new(ServerConfig { maxconn: Some(1), ..lab.server("s1", 1) });
        let backend = Backend::new(config(vec![s1], "source"));
        let Assigned::Slot(slot) = backend.assign(Requester::default(), None) else {
            panic!("there is room")
        };
        let Assigned::Waiting(waiting) = backend.assign(Requester::default(), None) else {
            panic!("there is no room")
        };
        assert!(backend.set_weight("s1", 0));
        drop(slot);
        assert!(matches!(waiting.await, Called::Slot(slot, 1) if slot.index() == 0));
    });
}

/// With `option persist`, clients are led by their cookies to a server in maintenance, and so are those that wait for it.
#[test]
fn sessions_that_persist_keep_waiting_for_a_server_in_maintenance() {
    run(|lab| async move {
        for (persists, redispatch) in
            [(true, Redispatch::Every(1)), (false, Redispatch::Every(1)), (true, Redispatch::Off)]
        {
            let s1 = Server::new(ServerConfig { maxconn: Some(1), ..lab.server("s1", 1) });
            let backend =
                Backend::new(BackendConfig { persists, redispatch, ..config(vec![s1], "roundrobin") });
            let assign = |claim| backend.assign_there(0, Standing { claim, priority: Priority::default() });
            let (Assigned::Slot(slot), Assigned::Waiting(direct), Assigned::Waiting(balanced)) =
                (assign(Claim::Direct), assign(Claim::Direct), assign(Claim::Balanced))
            else {
                panic!("there is room for one")
            };
            assert!(backend.set_maintenance("s1", true));
            assert!(matches!(balanced.await, Called::ChooseAgain(1)));
            drop(slot);
            let keeps = persists && redispatch != Redispatch::Off;
            assert_eq!(matches!(direct.await, Called::Slot(..)), keeps);
        }
    });
}

/// A session that is killed after it was called reports the position that it was called from.
#[test]
fn a_place_is_the_same_once_it_was_called() {
    run(|lab| async move {
        let s1 = Server::new(ServerConfig { maxconn: Some(1), ..lab.server("s1", 1) });
        let backend = Backend::new(config(vec![s1], "roundrobin"));
        let assign = || backend.assign(Requester::default(), None);
        let (Assigned::Slot(slot), Assigned::Waiting(first), Assigned::Waiting(second)) =
            (assign(), assign(), assign())
        else {
            panic!("there is room for one")
        };
        assert_eq!((first.position(), second.position()), (1, 1));
        drop(slot);
        assert_eq!((first.position(), second.position()), (1, 2));
        drop(first);
        assert_eq!(second.position(), 2);
    });
}

/// A deterministic generator of numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit as u64) as usize
    }
}

/// Sessions arrive, leave queues and end in any order: no server exceeds its limit, none waits while a slot is free,
/// those that wait are called in the order of their arrival, and all slots are released in the end.
#[test]
fn slots_are_exact_in_any_order() {
    run(|lab| async move {
        for seed in 0..40 {
            let mut dice = Dice(seed);
            let algorithm = ["roundrobin", "leastconn", "first", "static-rr", "random"][dice.below(5)];
            let limits: Vec<usize> = (0..1 + dice.below(3)).map(|_| 1 + dice.below(3)).collect();
            let server = |(at, limit): (usize, &usize)| {
                let name = format!("s{at}");
                Server::new(ServerConfig { maxconn: Some(*limit), ..lab.server(&name, at as u32) })
            };
            let servers = limits.iter().enumerate().map(server).collect();
            let backend = Backend::new(config(servers, algorithm));
            let (mut held, mut waiting): (Vec<ServerSlot>, Vec<Waiting>) = Default::default();
            for _ in 0..400 {
                // Renews the task's budget: without it every poll would be pending after a while.
                tokio::task::yield_now().await;
                match dice.below(5) {
                    0..2 => match backend.assign(Requester::default(), None) {
                        Assigned::Slot(slot) => held.push(slot),
                        Assigned::Waiting(queued) => waiting.push(queued),
                        other => panic!("{other:?}"),
                    },
                    2 if !waiting.is_empty() => drop(waiting.remove(dice.below(waiting.len()))),
                    _ if !held.is_empty() => drop(held.swap_remove(dice.below(held.len()))),
                    _ => {}
                }
                // Only the first sessions can have been called.
                let mut still = Vec::new();
                for mut queued in waiting {
                    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                    match std::pin::Pin::new(&mut queued).poll(&mut cx) {
                        std::task::Poll::Ready(Called::Slot(slot, _)) => {
                            assert!(still.is_empty(), "{algorithm}: somebody was overtaken");
                            held.push(slot);
                        }
                        std::task::Poll::Ready(Called::ChooseAgain(_)) => panic!("nothing changed"),
                        std::task::Poll::Pending => still.push(queued),
                    }
                }
                waiting = still;
                for (index, limit) in limits.iter().enumerate() {
                    let counters = backend.servers()[index].counters();
                    let count = held.iter().filter(|slot| slot.index() == index).count();
                    assert_eq!(counters.current(), count);
                    assert!(count <= *limit);
                }
                assert_eq!(backend.counters().queued(), waiting.len());
                let free = limits.iter().sum::<usize>() - held.len();
                assert!(waiting.is_empty() || free == 0, "{algorithm}: {} wait for {free}", waiting.len());
            }
            drop(waiting);
            drop(held);
            assert!(backend.servers().iter().all(|server| server.load() == 0));
        }
    });
}

/// The same from several threads: a released slot always reaches a session that waits.
#[test]
fn slots_are_exact_between_threads() {
    run(|lab| async move {
        let server = |name, id| Server::new(ServerConfig { maxconn: Some(2), ..lab.server(name, id) });
        let backend = Backend::new(config(vec![server("s1", 1), server("s2", 2)], "leastconn"));
        let threads: Vec<_> = (0..6)
            .map(|_| {
                let backend = Arc::clone(&backend);
                std::thread::spawn(move || {
                    let runtime = Builder::new_current_thread().build().unwrap();
                    for _ in 0..2000 {
                        let slot = match backend.assign(Requester::default(), None) {
                            Assigned::Slot(slot) => slot,
                            Assigned::Waiting(waiting) => match runtime.block_on(waiting) {
                                Called::Slot(slot, _) => slot,
                                Called::ChooseAgain(_) => panic!("nothing changed"),
                            },
                            other => panic!("{other:?}"),
                        };
                        assert!(slot.server().counters().current() <= 2);
                        drop(slot);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(backend.servers().iter().all(|server| server.load() == 0 && server.counters().peak() <= 2));
        assert_eq!(backend.counters().queued(), 0);
    });
}
