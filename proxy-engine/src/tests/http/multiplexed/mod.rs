//! Tests of connections that carry many exchanges at once.

mod clients;
mod codecs;
mod endings;
mod limits;
mod logged;
mod servers;
mod upgraded;
mod windows;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use proto_core::protocol::accept;
use proxy_config::testing;
use proxy_http::Method;
use proxy_rules::UseBackends;
use tokio::sync::mpsc;

use super::message::{Language, Message};
use super::peer::Peer;
use super::setup::{enter, http, start};
use crate::policy::LogOptions;
use crate::runtime::worker::Worker;
use crate::tests::{Entry, Lab, Nobody, Stop, config, ms};
use crate::{
    AcceptedRecord, Backend, BackendConfig, FrontendConfig, LogMoment, Notice, Observer, Server,
    ServerConfig, SessionRecord, Switching,
};

/// The log line of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Logged {
    request: String,
    /// The status and the termination state.
    outcome: String,
    /// The backend and the server.
    led_to: String,
    /// The bytes from the client and to it.
    bytes: (usize, usize),
    millis: u128,
    /// The duration of the handshakes, in milliseconds.
    handshake: u128,
    retries: u32,
}

#[derive(Debug)]
struct Lines(mpsc::UnboundedSender<Logged>);

impl Observer for Lines {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, record: &SessionRecord<'_>) {
        let exchange = record.http.unwrap();
        let status = exchange.status.map_or("-".to_owned(), |status| status.to_string());
        let (backend, server) = (record.backend.map(|it| it.name()), record.server.map(|it| it.name()));
        let logged = Logged {
            request: String::from_utf8_lossy(exchange.request_line).replace(" HTTP/1.1", ""),
            outcome: format!("{status} {}", record.termination),
            led_to: format!("{}/{}", backend.unwrap_or("-"), server.unwrap_or("-")),
            bytes: (record.bytes_to_server as usize, record.bytes_to_client as usize),
            millis: record.timers.total.as_millis(),
            handshake: record.handshake.as_millis(),
            retries: record.retries,
        };
        assert!(self.0.send(logged).is_ok());
    }

    fn notice(&self, notice: &Notice) {
        Nobody.notice(notice);
    }
}

/// A proxy with several servers: `/1` is for `s1` of the backend `b1`, and so on; all else is for `b1`.
struct Site<'l> {
    lab: &'l Lab,
    worker: Rc<Worker>,
    entry: Entry,
    languages: (Language, Language),
    origins: Vec<Stop>,
    lines: mpsc::UnboundedReceiver<Logged>,
}

impl<'l> Site<'l> {
    fn new(
        lab: &'l Lab,
        languages: (Language, Language),
        settings: &str,
        servers: u32,
        change: impl Fn(&mut ServerConfig),
    ) -> Site<'l> {
        let (sender, lines) = mpsc::unbounded_channel();
        let worker = start(Arc::new(Lines(sender)), languages);
        let policy = Arc::new(http(settings));
        let backend = |number: u32| {
            let mut server = lab.server(&format!("s{number}"), number);
            change(&mut server);
            let config = config(vec![Server::new(server)], "roundrobin");
            let (name, http) = (format!("b{number}"), Some(Arc::clone(&policy)));
            Backend::new(BackendConfig { name, id: number, http, ..config })
        };
        let backends: Vec<_> = (1..=servers).map(backend).collect();
        let origins = (1..=servers).map(|number| lab.origin(&format!("s{number}"))).collect();
        let entry = lab.frontend(|config| {
            let named = backends.iter().map(|backend| (backend.name().to_owned(), Arc::clone(backend)));
            config.switching = Switching::new(rules(servers), Arc::new(named.collect::<HashMap<_, _>>()));
            config.backend = Some(Arc::clone(&backends[0]));
            config.policy.client.inactivity = Some(ms(5000));
            config.policy.http = Some(Arc::clone(&policy));
            config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
        });
        Site { lab, worker, entry, languages, origins, lines }
    }

    /// Connects a client.
    async fn client(&self) -> Peer {
        enter(self.lab, &self.worker, &self.entry, self.languages.0).await
    }

    /// Makes another frontend with the same backends.
    fn another_entry(&self, change: impl FnOnce(&mut FrontendConfig)) -> Entry {
        self.lab.frontend(|config| {
            let known = self.entry.frontend.backends();
            let named = known.map(|backend| (backend.name().to_owned(), Arc::clone(backend)));
            let servers = u32::try_from(self.origins.len()).unwrap();
            config.switching = Switching::new(rules(servers), Arc::new(named.collect::<HashMap<_, _>>()));
            config.backend = self.entry.frontend.backend.clone();
            config.policy.http = self.entry.frontend.policy.http.clone();
            config.policy.client.inactivity = Some(ms(5000));
            config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
            change(config);
        })
    }

    /// Accepts the next connection to a server.
    async fn server(&self, number: usize) -> Peer {
        let stream = accept(&*self.origins[number - 1]).await.unwrap().into_stream().unwrap();
        Peer::new(stream, self.languages.1, false)
    }

    /// Returns the next line of the log.
    async fn logged(&mut self) -> Logged {
        self.lines.recv().await.unwrap()
    }

    /// Returns the numbers of the running exchanges, with their requests.
    fn living(&self) -> Vec<(u64, String)> {
        let mut living = Vec::new();
        self.worker.context.registry.activities(0, |activity| {
            let meter = activity.meter.borrow();
            let request = String::from_utf8_lossy(meter.request_line()).replace(" HTTP/1.1", "");
            living.push((activity.id(), request));
            true
        });
        living
    }

    /// Returns the identifier of the only client's connection, the number of its requests, and its bytes.
    fn connection(&self) -> Option<(u64, u64, (usize, usize))> {
        let mut found = None;
        self.worker.context.registry.connections(0, |connection| {
            let (received, sent) = connection.bytes();
            found = Some((connection.id, connection.requests(), (received as usize, sent as usize)));
            true
        });
        found
    }
}

/// Makes rules that choose the backend by the number in the path.
fn rules(backends: u32) -> UseBackends {
    let all = || 1..=backends;
    let rules: String = all().map(|n| format!(" use_backend b{n} if {{ path /{n} }}\n")).collect();
    let sections: String = all().map(|n| format!("backend b{n}\n")).collect();
    let limits = "timeout client 1m\n timeout server 1m\n timeout connect 1m";
    let reading = testing::read(format!("defaults\n {limits}\n mode http\nfrontend x\n{rules}{sections}"));
    assert_eq!(reading.in_short(), Vec::<String>::new());
    reading.configuration.proxies[0].values.get_or_default()
}

/// Sends a request in a new exchange. Returns its number.
fn ask(client: &mut Peer, message: &Message) -> u32 {
    let number = client.begin();
    client.say(&message.bytes(client.voice()));
    number
}

/// Receives the response of an exchange.
async fn answer_to(client: &mut Peer, number: u32, method: Method) -> Option<Message> {
    client.attend(number);
    client.hear(Some(method)).await
}

/// Answers the last request, or that of this exchange.
fn answer(server: &mut Peer, number: Option<u32>, message: &Message) {
    number.into_iter().for_each(|number| server.attend(number));
    server.say(&message.bytes(server.voice()));
}
