//! The findings of a server's layers in rules and log lines: during a connection, when another exchange reuses it, and
//! after its end.

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, Outgoing};
use proxy_config::testing;
use proxy_rules::fetch::{Fetch, FetchEntry};
use proxy_rules::{Context, Need, Sample, SectionRules, Type};

use super::*;
use crate::policy::HttpPolicy;

/// A layer that finds a protocol name, a different one for each connection.
#[derive(Debug, Default)]
struct Counting(Mutex<u32>);

#[async_trait]
impl Layer for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        findings: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        findings.alpn = Some(format!("number-{count}").into());
        Ok(stream)
    }
}

/// A sample with the findings of the server's connection.
#[derive(Debug)]
struct Found;

impl Fetch for Found {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(context.session.server()?.findings.alpn.as_deref()?.into()))
    }

    fn reads_server(&self) -> bool {
        true
    }
}

proxy_config::inventory::submit! {
    FetchEntry::new("test_bc_found", "", Type::Text, Need::Server, "for tests", |_| Ok(Box::new(Found)))
}

/// Makes a frontend that logs the findings and the state of the connection.
fn entry(lab: &Lab, http: Option<Arc<HttpPolicy>>) -> (Entry, Stop) {
    let origin = lab.origin("s1");
    let layers: Vec<Arc<dyn Layer>> = vec![Arc::new(Counting::default())];
    let server = ServerConfig { layers, ..lab.server("s1", 1) };
    let backend = config(vec![Server::new(server)], "roundrobin");
    let backend = Backend::new(BackendConfig { http: http.clone(), retries: 0, ..backend });
    let policy = log_policy("log-format \"%ts %[test_bc_found] %[bc_err] %[bc_err_str]\"");
    let entry = lab.frontend(|config| {
        config.policy.client = SideTimeouts { inactivity: Some(ms(2000)), fin: Some(ms(300)) };
        config.backend = Some(backend);
        config.policy.http = http;
        config.log = AccessLog::options(&policy, 1024);
        let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
        config.access_log = Some(Arc::new(AccessLog::new(policy, target)));
    });
    (entry, origin)
}

#[test]
fn of_a_session_that_has_ended() {
    run(|mut lab| async move {
        let (entry, origin) = entry(&lab, None);
        for number in 1..=2 {
            let client = lab.client(&entry).await;
            let server = served(&origin).await;
            drop((client, server));
            assert_eq!(lab.line().await, format!("-- number-{number} 0 Success"));
        }
    });
}

#[test]
fn of_a_server_that_broke_off() {
    run(|mut lab| async move {
        let (entry, origin) = entry(&lab, None);
        let _client = lab.client(&entry).await;
        served(&origin).await.abort();
        assert_eq!(lab.line().await, "SD number-1 48 ECONNRESET returned by OS");
    });
}

#[test]
fn without_a_server() {
    run(|mut lab| async move {
        let (entry, origin) = entry(&lab, None);
        drop(origin);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "SC - 47 ECONNREFUSED returned by OS");
    });
}

#[test]
fn after_an_attempt_that_took_too_long() {
    run(|mut lab| async move {
        let (entry, origin) = entry(&lab, None);
        drop(origin);
        let _silent = lab.silent_origin("s1");
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "sC - - -");
    });
}

/// Makes the policy of a section with these lines.
fn http(lines: &str) -> Option<Arc<HttpPolicy>> {
    let reading = testing::read(format!("listen x\n mode http\n{lines}\n"));
    let values = &reading.configuration.proxies[0].values;
    let rules = values.get_or_default::<SectionRules>();
    Some(Arc::new(HttpPolicy { rules, reuse: values.get_or_default(), ..HttpPolicy::default() }))
}

#[test]
fn of_a_connection_that_exchanges_share() {
    run(|mut lab| async move {
        let worker = Rc::clone(&lab.worker.context);
        tokio::task::spawn_local(async move { worker.pool.watch().await });
        let rules = "http-reuse always\n http-response set-header Found %[test_bc_found]";
        let (entry, origin) = entry(&lab, http(rules));
        let mut server = None;
        // The second client gets the connection that the first one's exchange left in the pool.
        for client in 0..2 {
            let mut client_stream = lab.client(&entry).await;
            say(&mut client_stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
            if client == 0 {
                server = Some(served(&origin).await);
            }
            let server = server.as_mut().unwrap();
            hear(server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
            say(server, "HTTP/1.1 204 No Content\r\n\r\n").await;
            let expected = "HTTP/1.1 204 No Content\r\nfound: number-1\r\nconnection: close\r\n\r\n";
            hear(&mut client_stream, expected).await;
            assert_eq!(lab.line().await, "-- number-1 0 Success");
        }
    });
}

#[test]
fn of_a_server_that_broke_off_before_it_answered() {
    run(|mut lab| async move {
        let rules = "http-after-response set-header Found \"%[test_bc_found]/%[bc_err]/%[bc_err_name]\"";
        let (entry, origin) = entry(&lab, http(rules));
        let mut client = lab.client(&entry).await;
        say(&mut client, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let mut server = served(&origin).await;
        hear(&mut server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        server.abort();
        let mut reply = vec![0; 400];
        let length = client.read(&mut reply).await.unwrap();
        let reply = String::from_utf8_lossy(&reply[..length]).into_owned();
        assert!(reply.contains("\r\nfound: number-1/48/ERESET\r\n"), "{reply}");
        assert_eq!(lab.line().await, "SH number-1 48 ECONNRESET returned by OS");
    });
}
