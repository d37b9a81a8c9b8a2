//! Commands that show and end exchanges, with each codec.

use std::rc::Rc;
use std::sync::Arc;

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::info::ConnectionInfo;
use proto_core::layer::{Layer, LayerError, Outgoing};
use proto_core::stream::Stream;
use proxy_http::Method;

use super::altered::{Alteration, Altered};
use super::message::{Language, Message};
use super::peer::Peer;
use super::setup::{enter, http, start};
use crate::commands::Handle;
use crate::policy::LogOptions;
use crate::runtime::worker::Worker;
use crate::tests::commands::{ask, handle, in_stage};
use crate::tests::{Entry, Lab, Nobody, Stop, config, log_policy, run, served};
use crate::{AccessLog, Backend, BackendConfig, FrontendConfig, LogMoment, LogTarget, Server, ServerConfig};

const LANGUAGES: [Language; 2] = [Language::Http1, Language::Records];

/// A proxy with one server, and without timeouts of clients.
struct Site {
    lab: Lab,
    worker: Rc<Worker>,
    entry: Entry,
    handle: Handle,
    language: Language,
    origin: Stop,
}

impl Site {
    fn new(
        lab: Lab,
        settings: &str,
        language: Language,
        limit: Option<usize>,
        change: impl FnOnce(&mut FrontendConfig),
    ) -> Site {
        let worker = start(Arc::new(Nobody), (language, language));
        let policy = Arc::new(http(settings));
        let server = ServerConfig { maxconn: limit, ..lab.server("s", 1) };
        let backend = config(vec![Server::new(server)], "roundrobin");
        let backend = Backend::new(BackendConfig { http: Some(Arc::clone(&policy)), ..backend });
        let entry = lab.frontend(|config| {
            config.backend = Some(backend);
            config.policy.http = Some(policy);
            config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
            let format = " mode http\n log-format \"%ST %ts %sq/%bq%transports\"";
            let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
            config.access_log = Some(Arc::new(AccessLog::new(log_policy(format), target)));
            change(config);
        });
        let handle = handle(&worker, &entry);
        let origin = lab.origin("s");
        Site { lab, worker, entry, handle, language, origin }
    }

    async fn client(&self) -> Peer {
        enter(&self.lab, &self.worker, &self.entry, self.language).await
    }

    async fn server(&self) -> Peer {
        Peer::new(served(&self.origin).await, self.language, false)
    }

    /// Ends the only session in this stage.
    async fn shut(&self, stage: char) {
        let id = in_stage(&self.handle, stage).await;
        assert_eq!(ask(&self.handle, &format!("shutdown session {id}")).await, "");
    }

    /// Makes a client and a server with a tunnel between them.
    async fn tunnel(&self) -> (Peer, Peer) {
        let mut client = self.client().await;
        say(&mut client, &Message::new("GET /").with("upgrade", "bytes"));
        let mut server = self.server().await;
        assert!(server.hear(None).await.is_some());
        server.say(&Message::new("101").with("upgrade", "bytes").bytes(server.voice()));
        assert!(client.hear(Some(Method::Get)).await.is_some());
        (client, server)
    }

    /// Returns the bytes of the only session, from the client and to it.
    async fn bytes(&self) -> Option<(usize, usize)> {
        let list = ask(&self.handle, "show sess all").await;
        let (_, bytes) = list.split_once("\n  in=")?;
        let (received, sent) = bytes.trim_end().split_once(" out=")?;
        Some((received.parse().unwrap(), sent.parse().unwrap()))
    }
}

fn say(client: &mut Peer, message: &Message) {
    client.begin();
    client.say(&message.bytes(client.voice()));
}

fn with_each(test: impl AsyncFn(Lab, Language)) {
    for language in LANGUAGES {
        run(|lab| test(lab, language));
    }
}

/// A client without a timeout sends what is not a request, and does not read the reply, for which the response before
/// it has left no space.
#[test]
fn a_reply_that_is_not_taken() {
    run(|lab| async move {
        let mut site = Site::new(lab, "", Language::Http1, None, |_| {});
        let mut client = site.client().await;
        say(&mut client, &Message::new("GET /"));
        let mut server = site.server().await;
        assert!(server.hear(None).await.is_some());
        server.say(&Message::known("200", &[b'x'; 64 * 1024 - 60]).bytes(server.voice()));
        assert_eq!(site.lab.line().await, "200 -- 0/0");
        client.say(&Message::junk(client.voice()));
        site.shut('R').await;
        assert_eq!(site.lab.line().await, "400 KR 0/0");
        assert_eq!(ask(&site.handle, "show sess").await, "");
    });
}

#[test]
fn in_a_tarpit() {
    with_each(async |lab, language| {
        let settings = " timeout tarpit 1m\n http-request tarpit";
        let mut site = Site::new(lab, settings, language, None, |_| {});
        let mut client = site.client().await;
        say(&mut client, &Message::new("GET /"));
        site.shut('T').await;
        assert_eq!(site.lab.line().await, "-1 KT 0/0");
        client.hear_end().await;
    });
}

#[test]
fn while_content_rules_wait() {
    with_each(async |lab, language| {
        let settings = " tcp-request inspect-delay 1m\n tcp-request content accept if WAIT_END";
        let mut site = Site::new(lab, settings, language, None, |_| {});
        let mut client = site.client().await;
        say(&mut client, &Message::new("GET /"));
        site.shut('R').await;
        assert_eq!(site.lab.line().await, "-1 KR 0/0");
        client.hear_end().await;
    });
    with_each(async |lab, language| {
        let settings = " tcp-response inspect-delay 1m\n tcp-response content accept if WAIT_END";
        let mut site = Site::new(lab, settings, language, None, |_| {});
        let mut client = site.client().await;
        say(&mut client, &Message::new("GET /"));
        let mut server = site.server().await;
        assert!(server.hear(None).await.is_some());
        server.say(&Message::known("200", b"ok").bytes(server.voice()));
        site.shut('H').await;
        assert_eq!(site.lab.line().await, "-1 KH 0/0");
        client.hear_end().await;
        server.hear_end().await;
    });
}

#[test]
fn in_a_queue() {
    with_each(async |lab, language| {
        let mut site = Site::new(lab, " http-reuse never", language, Some(1), |_| {});
        let (mut first, mut second) = (site.client().await, site.client().await);
        say(&mut first, &Message::new("GET /"));
        let mut server = site.server().await;
        assert!(server.hear(None).await.is_some());
        say(&mut second, &Message::new("GET /"));
        site.shut('Q').await;
        assert_eq!(site.lab.line().await, "-1 KQ 0/1");
        second.hear_end().await;
    });
}

/// The second tunnel reuses the memory of the first: its counters begin at zero, and it is not killed.
#[test]
fn tunnels() {
    with_each(async |lab, language| {
        let mut site = Site::new(lab, "", language, None, |_| {});
        let (mut client, mut server) = site.tunnel().await;
        let before = site.bytes().await.unwrap();
        client.say_bytes(b"ping!");
        assert_eq!(server.hear_bytes(5).await, b"ping!");
        server.say_bytes(b"pong");
        assert_eq!(client.hear_bytes(4).await, b"pong");
        assert_eq!(site.bytes().await, Some((before.0 + 5, before.1 + 4)));
        site.shut('D').await;
        assert_eq!(site.lab.line().await, "101 KD 0/0");

        let (client, mut server) = site.tunnel().await;
        assert_eq!(site.bytes().await, Some(before));
        client.say_bytes(b"again");
        assert_eq!(server.hear_bytes(5).await, b"again");
        client.end();
        server.end();
        assert_eq!(site.lab.line().await, "101 -- 0/0");
    });
}

/// A stream that reports on its connection only while it is open, as the kernel does.
#[derive(Debug)]
struct Forgetful {
    is_closed: bool,
}

impl Alteration for Forgetful {
    fn closes(&mut self) {
        self.is_closed = true;
    }

    fn info(&self, _: &dyn Stream) -> ConnectionInfo {
        let limit = if self.is_closed { None } else { Some(2) };
        ConnectionInfo { path_limit: limit, ..ConnectionInfo::new("forgetful") }
    }
}

/// A transport whose streams have paths until they are closed.
#[derive(Debug)]
struct Paths;

#[async_trait]
impl Layer for Paths {
    fn name(&self) -> &'static str {
        "paths"
    }

    async fn accept(&self, stream: Box<dyn Stream>, _: &mut Findings) -> Result<Box<dyn Stream>, LayerError> {
        Ok(Altered::boxed(stream, Forgetful { is_closed: false }))
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        Ok(stream)
    }
}

/// The log has the paths of a tunnel as of before its end.
#[test]
fn the_paths_of_a_tunnel() {
    run(|lab| async move {
        let mut site = Site::new(lab, "", Language::Http1, None, |config| {
            config.listeners[0].layers.all = vec![Arc::new(Paths)];
        });
        let (mut client, mut server) = site.tunnel().await;
        client.end();
        server.hear_end().await;
        server.end();
        client.hear_end().await;
        assert_eq!(site.lab.line().await, "101 -- 0/0 client=forgetful/native/0");
    });
}
