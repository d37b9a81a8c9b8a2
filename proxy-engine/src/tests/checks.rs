//! Checks of servers, and what follows for their state.

use proto_core::address::Address;
use proxy_health::agent::question;
use proxy_health::{CheckPlan, Deadlines, Intervals, Ruleset, Spread, Tally};
use tokio::time::Instant;

use super::*;
use crate::upstream::health::schedule;

/// Makes a server that is checked as the lines of a section say, every second.
fn checked(lab: &Lab, name: &str, id: u32, lines: &str) -> ServerConfig {
    let config = lab.server(name, id);
    let reading = testing::read(format!("backend x\n{lines}\n"));
    let plan: CheckPlan = reading.configuration.proxies[0].values.get_or_default();
    let health = check(&config, plan.ruleset(), None);
    ServerConfig { health: Some(health), ..config }
}

/// Makes a server of weight 10 whose agent is asked every second. All that it says is logged.
fn asked(lab: &Lab, name: &str, question: Ruleset) -> ServerConfig {
    let config = lab.server(name, 1);
    let agent = check(&config, question, Some(address("agent")));
    let agent = HealthCheck { tally: Tally::AGENT, is_logged: true, ..agent };
    ServerConfig { agent: Some(agent), weight: 10, ..config }
}

fn check(config: &ServerConfig, rules: Ruleset, address: Option<Address>) -> HealthCheck {
    let rules = Arc::new(rules);
    let route = CheckRoute {
        connector: Arc::clone(&config.connector),
        address,
        port: None,
        via: None,
        layers: Vec::new(),
        is_native: false,
    };
    let routes = rules.connections().map(|_| route.clone()).collect();
    HealthCheck {
        rules,
        external: None,
        routes,
        target: CheckTarget::default(),
        intervals: Intervals { normal: ms(1000), fast: None, down: None },
        spread: Spread::default(),
        deadlines: Deadlines::new(ms(1000), None, Default::default()),
        tally: Tally::new(2, 3),
        observer: None,
        buffer: 16_384,
        node: Some("n".into()),
        is_logged: false,
    }
}

/// Starts the checks of a backend.
fn start(lab: &Lab, servers: Vec<ServerConfig>) -> Arc<Backend> {
    start_with(lab, servers, "roundrobin")
}

fn start_with(lab: &Lab, servers: Vec<ServerConfig>, algorithm: &str) -> Arc<Backend> {
    let backend = Backend::new(config(servers.into_iter().map(Server::new).collect(), algorithm));
    backend.log_states_to(Arc::clone(&lab.log) as Arc<dyn LogTarget>);
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
fn a_check_tells_the_server_its_state() {
    run(|lab| async move {
        let origin = lab.origin("a");
        let lines = " mode http\n option httpchk GET /\n http-check send-state";
        let servers = vec![checked(&lab, "a", 1, lines), ServerConfig { weight: 3, ..lab.server("b", 2) }];
        let backend = start(&lab, servers);
        let at = address("a");
        let mut told = Vec::new();
        for status in ["200", "500", "500"] {
            let mut stream = served(&origin).await;
            let mut request = vec![0; 512];
            let length = stream.read(&mut request).await.unwrap();
            request.truncate(length);
            let request = String::from_utf8(request).unwrap();
            let state = request.lines().find_map(|line| line.strip_prefix("x-haproxy-server-state: "));
            told.push(state.unwrap().to_owned());
            say(&mut stream, &format!("HTTP/1.0 {status} X\r\ncontent-length: 0\r\n\r\n")).await;
            backend.set_user_weight(0, 2);
        }
        let rest =
            |weight| format!("; address={at}; port=; name=be/a; node=n; weight={weight}; scur=0/0; qcur=0");
        assert_eq!(
            told,
            [
                format!("UP 1/3{}", rest("1/4")),
                format!("UP{}", rest("2/5")),
                format!("UP 2/3{}", rest("2/5"))
            ]
        );
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
        let origin = lab.origin("a");
        let backend = start(&lab, vec![checked(&lab, "a", 1, "")]);
        backend.set_admin(0, Admin::FORCED_MAINT, "");
        assert!(tokio::time::timeout(ms(5000), accept(&*origin)).await.is_err(), "it is checked");
        backend.clear_admin(0, Admin::FORCED_MAINT);
        assert!(tokio::time::timeout(ms(1001), accept(&*origin)).await.is_ok(), "it is not checked again");
        assert_eq!(backend.servers()[0].view().operational, Operational::Running);
    });
}

/// Starts an agent that answers its questions with these lines, one after the other.
fn agent(lab: &Lab, answers: &'static [&'static str], question: &'static str) {
    let listener = lab.origin("agent");
    tokio::task::spawn_local(async move {
        for answer in answers {
            let mut stream = served(&listener).await;
            hear(&mut stream, question).await;
            say(&mut stream, answer).await;
        }
    });
}

#[test]
fn an_agent_changes_its_server() {
    run(|mut lab| async move {
        let answers = &[
            "50% maxconn:7 up # fine\n",
            "maint\n",
            "ready,weight:20 down # busy\r\n",
            "up drain",
            "maxconn:0\n",
        ];
        agent(&lab, answers, "how?\n");
        let backend = start(&lab, vec![asked(&lab, "a", question(Some("how?\n")))]);
        let server = &backend.servers()[0];
        let state = || {
            let view = server.view();
            (view.admin.to_string(), view.operational, server.weight(), server.maxconn())
        };
        let up = "Agent check for server be/a succeeded, reason: Layer7 check passed, code: 0, info: \"via agent : up (fine)\", \
                  check duration: 0ms, status: 1/1 UP.";
        assert_eq!(lab.line().await, up);
        assert_eq!(state(), ("READY".into(), Operational::Running, 5, Some(7)));
        let maintenance = "Server be/a is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions \
                           active, 0 requeued, 0 remaining in queue.";
        assert_eq!(lab.line().await, maintenance);
        assert_eq!(lab.line().await, "backend be has no server available!");
        assert_eq!(state(), ("MAINT".into(), Operational::Stopped, 5, Some(7)));
        // It leaves maintenance, and is down because its agent says so.
        assert_eq!(lab.line().await, "Server be/a is DOWN/READY (leaving forced maintenance).");
        let down = "Agent check for server be/a failed, reason: Layer7 wrong status, code: 0, info: \"via agent : down \
                    (busy)\", check duration: 0ms, status: 0/1 DOWN.";
        assert_eq!(lab.line().await, down);
        assert_eq!(state(), ("READY".into(), Operational::Stopped, 20, Some(7)));
        // A line without an end says nothing.
        let incomplete = "Agent check for server be/a failed, reason: Layer7 invalid response, info: \"Ignoring \
                          incomplete line from agent\", check duration: 0ms, status: 0/1 DOWN.";
        assert_eq!(lab.line().await, incomplete);
        assert_eq!(state(), ("READY".into(), Operational::Stopped, 20, Some(7)));
        // A limit alone is set without a line; the agent answers no more after it.
        let refused = "Agent check for server be/a failed, reason: Layer4 connection problem, info: \"ECONNREFUSED \
                       returned by OS (Connection refused)\", check duration: 0ms, status: 0/1 DOWN.";
        assert_eq!(lab.line().await, refused);
        assert_eq!(state(), ("READY".into(), Operational::Stopped, 20, None));
    });
}

#[test]
fn an_agent_that_cannot_be_reached_stops_nothing() {
    run(|mut lab| async move {
        let backend = start(&lab, vec![asked(&lab, "a", question(None))]);
        let line = lab.line().await;
        assert!(
            line.starts_with("Agent check for server be/a failed, reason: Layer4 connection problem"),
            "{line}"
        );
        after(ms(5000)).await;
        assert!(lab.is_silent());
        assert_eq!(backend.servers()[0].view().operational, Operational::Running);
    });
}

#[test]
fn an_agent_cannot_change_the_weight_of_a_static_algorithm() {
    run(|mut lab| async move {
        agent(&lab, &["50% up\n", "weight:10 up\n", "0%\n"], "");
        let backend = start_with(&lab, vec![asked(&lab, "a", question(None))], "static-rr");
        let line = lab.line().await;
        let reason = "via agent : up (Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.)";
        assert!(line.contains(reason), "{line}");
        assert_eq!(backend.servers()[0].weight(), 10);
        assert_eq!(lab.line().await, "backend be has no server available!");
        assert_eq!(backend.servers()[0].weight(), 0);
    });
}
