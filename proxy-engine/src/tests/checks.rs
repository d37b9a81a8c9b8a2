//! Checks of servers, and what follows for their state.

use proxy_health::{CheckPlan, Deadlines, Intervals, Spread, Tally};
use tokio::time::Instant;

use super::*;
use crate::upstream::health::schedule;

/// Makes a server that is checked as the lines of a section say, every second.
fn checked(lab: &Lab, name: &str, id: u32, lines: &str) -> ServerConfig {
    let config = lab.server(name, id);
    let reading = testing::read(format!("backend x\n{lines}\n"));
    let plan: CheckPlan = reading.configuration.proxies[0].values.get_or_default();
    let rules = Arc::new(plan.ruleset());
    let route = CheckRoute {
        connector: Arc::clone(&config.connector),
        address: None,
        port: None,
        via: None,
        layers: Vec::new(),
        is_native: false,
    };
    let routes = rules.connections().map(|_| route.clone()).collect();
    let health = HealthCheck {
        rules,
        routes,
        intervals: Intervals { normal: ms(1000), fast: None, down: None },
        spread: Spread::default(),
        deadlines: Deadlines::new(ms(1000), None, Default::default()),
        tally: Tally::new(2, 3),
        observer: None,
        buffer: 16_384,
        is_logged: false,
    };
    ServerConfig { health: Some(health), ..config }
}

/// Starts the checks of a backend.
fn start(lab: &Lab, servers: Vec<ServerConfig>) -> Arc<Backend> {
    let backend = Backend::new(config(servers.into_iter().map(Server::new).collect(), "roundrobin"));
    for check in schedule(&[Arc::clone(&backend)]) {
        tokio::task::spawn_local(check.run(lab.worker.context.memory.process().clone()));
    }
    backend
}

/// Returns when the state of a server becomes another one, in milliseconds from now.
async fn change(backend: &Backend, index: usize) -> (u128, Operational) {
    let (begun, before) = (Instant::now(), backend.servers()[index].view().operational);
    loop {
        tokio::time::sleep(ms(1)).await;
        let now = backend.servers()[index].view().operational;
        if now != before {
            return (begun.elapsed().as_millis(), now);
        }
        assert!(begun.elapsed() < ms(60_000), "it does not change");
    }
}

#[test]
fn a_server_goes_down_and_comes_up() {
    run(|lab| async move {
        let first = lab.origin("a");
        let backend = start(&lab, vec![checked(&lab, "a", 1, "")]);
        let accepting = tokio::task::spawn_local(async move {
            // Three connections: those of the first three checks.
            for _ in 0..3 {
                drop(accept(&*first).await.unwrap());
            }
        });
        accepting.await.unwrap();
        // From the fourth check on the connection is refused, and the third of these stops the server.
        assert_eq!(change(&backend, 0).await, (3001, Operational::Stopped));
        let _again = lab.origin("a");
        assert_eq!(change(&backend, 0).await.1, Operational::Running);
    });
}

#[test]
fn a_response_decides() {
    run(|lab| async move {
        let origin = lab.origin("a");
        let backend = start(&lab, vec![checked(&lab, "a", 1, " mode http\n option httpchk GET /health")]);
        tokio::task::spawn_local(async move {
            for answer in 0.. {
                let mut stream = accept(&*origin).await.unwrap().into_stream().unwrap();
                let mut request = [0; 64];
                let length = stream.read(&mut request).await.unwrap();
                assert!(
                    request[..length].starts_with(b"GET /health HTTP/1.0\r\n"),
                    "{:?}",
                    &request[..length]
                );
                let status = if answer < 2 { "503 No" } else { "200 OK" };
                let head = format!("HTTP/1.0 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        });
        // The server has not been checked before: the first failed check stops it.
        assert_eq!(change(&backend, 0).await.1, Operational::Stopped);
        assert_eq!(change(&backend, 0).await, (3000, Operational::Running));
    });
}

#[test]
fn a_server_that_does_not_respond_is_down_after_an_interval() {
    run(|lab| async move {
        let _origin = lab.origin("a");
        let backend = start(&lab, vec![checked(&lab, "a", 1, " mode http\n option httpchk")]);
        assert_eq!(change(&backend, 0).await, (1001, Operational::Stopped));
    });
}

#[test]
fn a_server_in_maintenance_is_not_checked() {
    run(|lab| async move {
        let backend = start(&lab, vec![checked(&lab, "a", 1, "")]);
        backend.set_admin(0, Admin::FORCED_MAINT, "");
        tokio::time::sleep(ms(5000)).await;
        let _origin = lab.origin("a");
        backend.clear_admin(0, Admin::FORCED_MAINT);
        tokio::time::sleep(ms(5000)).await;
        assert_eq!(backend.servers()[0].view().operational, Operational::Running);
    });
}
