//! The state of servers, and what follows for sessions.

use std::sync::Mutex;

use super::*;
use crate::balance::{Group, Requester};
use crate::runtime::server_orders::{AllOrders, ServerOrders};
use crate::upstream::choose::Assigned;
use crate::upstream::queue::{Called, Waiting};
use crate::upstream::state::ServerSessions;

/// Returns the names of the servers that sessions are assigned to, one after the other.
fn chosen(backend: &Arc<Backend>, times: usize) -> String {
    let name = |_| match backend.assign(Requester::default(), None) {
        Assigned::Slot(slot) => slot.server().name().to_owned(),
        other => panic!("{other:?}"),
    };
    (0..times).map(name).collect()
}

fn plain(lab: &Lab, name: &str, id: u32) -> ServerConfig {
    lab.server(name, id)
}

#[test]
fn only_ready_servers_are_chosen() {
    run(|lab| async move {
        let servers = vec![
            Server::new(plain(&lab, "a", 1)),
            Server::new(ServerConfig { disabled: true, ..plain(&lab, "b", 2) }),
            Server::new(ServerConfig {
                init_state: Some(proxy_health::InitState::Down),
                ..plain(&lab, "c", 3)
            }),
            Server::new(ServerConfig { backup: true, ..plain(&lab, "d", 4) }),
            Server::new(ServerConfig { backup: true, ..plain(&lab, "e", 5) }),
        ];
        let backend = Backend::new(config(servers, "roundrobin"));
        assert_eq!(chosen(&backend, 3), "aaa");
        backend.clear_admin(1, Admin::FORCED_MAINT);
        backend.set_operational(2, Operational::Running, "");
        let three = chosen(&backend, 6);
        assert!(["a", "b", "c"].iter().all(|name| three.matches(name).count() == 2), "{three}");
        backend.set_admin(0, Admin::FORCED_DRAIN, "");
        backend.set_operational(1, Operational::Stopping, "");
        assert_eq!(chosen(&backend, 2), "cc");
        backend.set_operational(2, Operational::Stopped, "");
        assert_eq!((backend.group(), &*chosen(&backend, 2)), (Group::One(3), "dd"));
        backend.set_user_weight(3, 0);
        assert_eq!((backend.group(), &*chosen(&backend, 2)), (Group::One(4), "ee"));
        backend.set_admin(4, Admin::INHERITED_MAINT, "");
        assert_eq!(backend.group(), Group::Empty);
        assert!(matches!(backend.assign(Requester::default(), None), Assigned::NoServer));
        backend.clear_admin(0, Admin::FORCED_DRAIN);
        assert_eq!(chosen(&backend, 2), "aa");
    });
}

#[test]
fn a_server_leaves_maintenance_only_when_nothing_keeps_it_there() {
    run(|lab| async move {
        let backend = Backend::new(config(vec![Server::new(plain(&lab, "a", 1))], "roundrobin"));
        let server = &backend.servers()[0];
        backend.set_admin(0, Admin::FORCED_MAINT, "");
        backend.set_admin(0, Admin::UNRESOLVED, "");
        // In maintenance nothing that checks find out counts.
        backend.set_operational(0, Operational::Running, "");
        assert_eq!(server.view().operational, Operational::Stopped);
        backend.clear_admin(0, Admin::FORCED_MAINT);
        assert!(server.is_in_maintenance() && !server.is_usable());
        backend.clear_admin(0, Admin::UNRESOLVED);
        assert_eq!((server.is_usable(), server.view().operational), (true, Operational::Running));
    });
}

/// Sessions that wait for a server that no longer takes any: they stay in its queue, unless they may go elsewhere.
#[test]
fn redispatch_frees_the_queue_of_a_server_that_stops() {
    run(|lab| async move {
        let changes: [fn(&Arc<Backend>); 3] = [
            |backend| backend.set_admin(0, Admin::FORCED_DRAIN, ""),
            |backend| backend.set_operational(0, Operational::Stopped, ""),
            |backend| backend.set_operational(0, Operational::Stopping, ""),
        ];
        for (change, redispatch) in
            changes.into_iter().flat_map(|change| [(change, Redispatch::Off), (change, Redispatch::Every(1))])
        {
            let limited = Server::new(ServerConfig { maxconn: Some(1), ..plain(&lab, "a", 1) });
            let other = Server::new(ServerConfig { weight: 0, ..plain(&lab, "b", 2) });
            let backend = BackendConfig { redispatch, ..config(vec![limited, other], "source") };
            let backend = Backend::new(backend);
            let assign = || backend.assign(Requester::default(), None);
            let (Assigned::Slot(slot), Assigned::Waiting(waiting)) = (assign(), assign()) else {
                panic!("there is room for one")
            };
            change(&backend);
            let waiting: Waiting = waiting;
            if redispatch == Redispatch::Off {
                assert_eq!(backend.servers()[0].counters().queued(), 1);
                drop(slot);
                assert!(matches!(waiting.await, Called::Slot(..)));
            } else {
                assert!(matches!(waiting.await, Called::ChooseAgain(1)));
            }
            assert_eq!(backend.servers()[0].counters().queued(), 0);
        }
    });
}

#[test]
fn the_share_of_a_server_rises_during_its_slow_start() {
    run(|lab| async move {
        for algorithm in ["roundrobin", "static-rr"] {
            let slow = ServerConfig { slowstart: Duration::from_secs(4), ..plain(&lab, "s", 1) };
            let servers = vec![Server::new(slow), Server::new(plain(&lab, "x", 2))];
            let backend = Backend::new(config(servers, algorithm));
            assert!(backend.has_slow_starts());
            let steps = tokio::task::spawn_local(Arc::clone(&backend).run_slow_starts());
            assert!(backend.set_maintenance("s", true) && backend.set_maintenance("s", false));
            let mut weights = Vec::new();
            for _ in 0..5 {
                after(ms(1)).await;
                weights.push(backend.servers()[0].view().effective_weight);
                after(ms(999)).await;
            }
            let expected = if algorithm == "static-rr" { [16; 5] } else { [1, 5, 9, 13, 16] };
            assert_eq!(weights, expected, "{algorithm}");
            assert_eq!(backend.servers()[0].view().operational, Operational::Running);
            steps.abort();
        }
    });
}

/// The lines about the servers of a backend.
#[derive(Debug, Default)]
struct StateLines(Mutex<Vec<String>>);

impl StateLines {
    /// Makes the log of a backend.
    fn of(backend: &Backend) -> Arc<StateLines> {
        let lines: Arc<StateLines> = Arc::default();
        backend.log_states_to(Arc::clone(&lines) as Arc<dyn LogTarget>);
        lines
    }

    /// Returns the lines since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl LogTarget for StateLines {
    fn wants(&self, _: proxy_rules::Severity) -> bool {
        true
    }

    fn write(&self, severity: proxy_rules::Severity, line: &[u8], _: &[u8]) {
        self.0.lock().unwrap().push(format!("{severity:?}: {}", str::from_utf8(line).unwrap()));
    }
}

/// The lines that HAProxy 3.5 writes for the same changes.
#[test]
fn each_change_has_its_line() {
    run(|lab| async move {
        let backup = ServerConfig { backup: true, ..plain(&lab, "b", 2) };
        let servers = vec![Server::new(plain(&lab, "a", 1)), Server::new(backup)];
        let backend = Backend::new(config(servers, "roundrobin"));
        let lines = StateLines::of(&backend);
        let changes: [(&dyn Fn(), &[&str]); 8] = [
            (
                &|| backend.set_admin(0, Admin::FORCED_MAINT, ""),
                &[
                    "Alert: Server be/a is going DOWN for maintenance. 0 active and 1 backup servers left. Running on \
                   backup. 0 sessions active, 0 requeued, 0 remaining in queue.",
                ],
            ),
            (&|| backend.set_admin(0, Admin::FORCED_MAINT, ""), &[]),
            (
                &|| backend.set_operational(1, Operational::Stopped, "changed from CLI"),
                &[
                    "Alert: Backup Server be/b is DOWN, changed from CLI. 0 active and 0 backup servers left. 0 \
                     sessions active, 0 requeued, 0 remaining in queue.",
                    "Emergency: backend be has no server available!",
                ],
            ),
            (
                &|| backend.clear_admin(0, Admin::FORCED_MAINT),
                &["Notice: Server be/a is UP/READY (leaving forced maintenance)."],
            ),
            (
                &|| backend.set_admin(0, Admin::FORCED_DRAIN, ""),
                &[
                    "Notice: Server be/a enters drain state. 0 active and 0 backup servers online. 0 sessions \
                     requeued, 0 total in queue.",
                    "Emergency: backend be has no server available!",
                ],
            ),
            (
                &|| backend.clear_admin(0, Admin::FORCED_DRAIN),
                &["Notice: Server be/a is UP (leaving forced drain)."],
            ),
            (
                &|| backend.set_operational(1, Operational::Running, ""),
                &[
                    "Notice: Backup Server be/b is UP. 1 active and 1 backup servers online. 0 sessions requeued, 0 \
                   total in queue.",
                ],
            ),
            (
                &|| assert!(backend.set_weight("a", 0) && backend.set_weight("b", 0)),
                &["Emergency: backend be has no server available!"],
            ),
        ];
        for (at, (change, expected)) in changes.into_iter().enumerate() {
            change();
            assert_eq!(lines.take(), expected, "change {at}");
        }
    });
}

#[test]
fn lines_count_the_sessions_that_were_requeued() {
    run(|lab| async move {
        let limited = Server::new(ServerConfig { maxconn: Some(1), ..plain(&lab, "a", 1) });
        let backend = Backend::new(config(vec![limited], "roundrobin"));
        let lines = StateLines::of(&backend);
        let assign = || backend.assign(Requester::default(), None);
        let (Assigned::Slot(slot), Assigned::Waiting(first), Assigned::Waiting(second)) =
            (assign(), assign(), assign())
        else {
            panic!("there is room for one")
        };
        backend.set_operational(0, Operational::Stopped, "");
        let down = &lines.take()[0];
        assert!(down.ends_with(" left. 1 sessions active, 2 requeued, 0 remaining in queue."), "{down}");
        drop((slot, first, second));
    });
}

/// A limit that changes applies at once: more sessions get slots, or none gets one until enough have ended.
#[test]
fn a_limit_may_change() {
    run(|lab| async move {
        let limited = Server::new(ServerConfig { maxconn: Some(1), ..plain(&lab, "a", 1) });
        let backend = Backend::new(config(vec![limited], "roundrobin"));
        let assign = || backend.assign(Requester::default(), None);
        let Assigned::Slot(first) = assign() else { panic!("there is room") };
        let waiting = [assign(), assign(), assign()].map(|assigned| match assigned {
            Assigned::Waiting(waiting) => waiting,
            other => panic!("{other:?}"),
        });
        backend.set_server_maxconn(0, 3);
        assert_eq!((backend.servers()[0].counters().current(), backend.counters().queued()), (3, 1));
        backend.set_server_maxconn(0, 1);
        let [second, third, fourth] = waiting;
        let slots = [second.await, third.await];
        drop(slots);
        assert_eq!((backend.servers()[0].counters().current(), backend.counters().queued()), (1, 1));
        drop(first);
        assert_eq!((backend.servers()[0].counters().current(), backend.counters().queued()), (1, 0));
        assert!(matches!(fourth.await, Called::Slot(..)));
        backend.set_server_maxconn(0, 0);
        assert_eq!(backend.servers()[0].maxconn(), None);
    });
}

/// A server that tracks another one has its state, besides its own, and says so in its lines.
#[test]
fn a_server_follows_the_one_that_it_tracks() {
    run(|lab| async move {
        let one = |name: &str| Backend::new(config(vec![Server::new(plain(&lab, name, 1))], "roundrobin"));
        let (first, second, third) = (one("a"), one("b"), one("c"));
        first.set_admin(0, Admin::FORCED_DRAIN, "");
        second.track(0, &first, 0);
        third.track(0, &second, 0);
        let lines = StateLines::of(&third);
        let state = || {
            let view = third.servers()[0].view();
            (view.admin, view.operational)
        };
        assert_eq!(state(), (Admin::INHERITED_DRAIN, Operational::Running));
        first.clear_admin(0, Admin::FORCED_DRAIN);
        assert_eq!(lines.take(), ["Notice: Server be/c is UP (leaving drain) via be/b."]);
        first.set_operational(0, Operational::Stopped, "changed from CLI");
        assert_eq!(state(), (Admin::empty(), Operational::Stopped));
        assert_eq!(
            lines.take(),
            [
                "Alert: Server be/c is DOWN via be/b. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, \
                 0 remaining in queue.",
                "Emergency: backend be has no server available!",
            ]
        );
        third.set_admin(0, Admin::FORCED_MAINT, "");
        third.clear_admin(0, Admin::FORCED_MAINT);
        // The server that it tracks is still down.
        assert_eq!(state(), (Admin::empty(), Operational::Stopped));
        lines.take();
        first.set_operational(0, Operational::Running, "");
        assert_eq!(state(), (Admin::empty(), Operational::Running));
        lines.take();
        first.set_admin(0, Admin::FORCED_MAINT, "");
        first.set_admin(0, Admin::UNRESOLVED, "");
        assert_eq!(
            lines.take(),
            [
                "Alert: Server be/c is going DOWN for maintenance via be/b. 0 active and 0 backup servers left. 0 \
                 sessions active, 0 requeued, 0 remaining in queue.",
                "Emergency: backend be has no server available!",
            ]
        );
        first.clear_admin(0, Admin::FORCED_MAINT);
        assert_eq!(state(), (Admin::INHERITED_MAINT, Operational::Stopped));
        assert!(lines.take().is_empty());
        first.clear_admin(0, Admin::UNRESOLVED);
        assert_eq!(lines.take(), ["Notice: Server be/c is UP/READY (leaving maintenance)."]);
    });
}

/// Sessions end with a letter of their own when their server goes down, or when a better one comes up.
#[test]
fn sessions_end_with_the_state_of_their_servers() {
    run(|mut lab| async move {
        let (origin, spare) = (lab.origin("a"), lab.origin("b"));
        let on_marked = proxy_health::OnMarked { down_ends_sessions: true, up_ends_backup_sessions: true };
        let servers = vec![
            Server::new(ServerConfig { on_marked, ..plain(&lab, "a", 1) }),
            Server::new(ServerConfig { backup: true, ..plain(&lab, "b", 2) }),
        ];
        let entry = lab.open(config(servers, "roundrobin"));
        let backend = Arc::clone(entry.backend());
        let orders: Arc<ServerOrders> = Arc::default();
        backend
            .end_sessions_by(Arc::new(AllOrders(Arc::new([Arc::clone(&orders)]))) as Arc<dyn ServerSessions>);
        let context = Rc::clone(&lab.worker.context);
        let following = tokio::task::spawn_local(async move { orders.carry_out(&context).await });

        let _first = (lab.client(&entry).await, served(&origin).await);
        after(ms(10)).await;
        backend.set_operational(0, Operational::Stopped, "");
        assert_eq!(lab.line().await, "fe be/a 0/0/10 0 DD 1/1/0/0/0 0/0");

        let _second = (lab.client(&entry).await, served(&spare).await);
        after(ms(10)).await;
        backend.set_operational(0, Operational::Running, "");
        assert_eq!(lab.line().await, "fe be/b 0/0/10 0 UD 1/1/0/0/0 0/0");

        // Draining ends nothing.
        let third = (lab.client(&entry).await, served(&origin).await);
        backend.set_admin(0, Admin::FORCED_DRAIN, "");
        after(ms(10)).await;
        assert!(lab.is_silent());
        backend.set_admin(0, Admin::FORCED_MAINT, "");
        assert_eq!(lab.line().await, "fe be/a 0/0/10 0 DD 1/1/0/0/0 0/0");
        drop(third);
        following.abort();
    });
}
