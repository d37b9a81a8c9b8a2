//! The set-up of the tests of HTTP: workers, sections, clients.

use std::rc::Rc;
use std::sync::Arc;

use proxy_config::{Mode, testing};
use proxy_rules::{ErrorMessages, Redirects};

use super::message::Language;
use super::peer::Peer;
use super::records;
use crate::connection::Codecs;
use crate::http::H1;
use crate::policy::{HttpPolicy, Switches};
use crate::runtime::worker::Worker;
use crate::tests::{Entry, Lab, ms, worker};
use crate::{Backend, LogMoment, LogOptions, Observer};

/// Makes the policy of a `listen` section with these lines.
pub(super) fn http(lines: &str) -> HttpPolicy {
    let limits = "timeout client 1m\n timeout server 1m\n timeout connect 1m";
    let reading = testing::read(format!("defaults\n {limits}\n mode http\nlisten x\n{lines}\n"));
    assert_eq!(reading.in_short(), Vec::<String>::new(), "{lines}");
    let section = &reading.configuration.proxies[0];
    let values = &section.values;
    let switches: Switches = values.get_or_default();
    HttpPolicy {
        timeouts: values.get_or_default(),
        closing: values.get_or_default(),
        reuse: values.get_or_default(),
        retry_on: values.get_or_default(),
        switches,
        aborts: switches.aborts(Mode::Http),
        errors: ErrorMessages::of(section, &reading.configuration),
        rules: values.get_or_default(),
        redirects: values.get_or_default::<Redirects>().0,
        forward_for: values.get().cloned(),
        ..HttpPolicy::default()
    }
}

/// Starts a worker whose clients and servers speak these languages.
pub(super) fn start(observer: Arc<dyn Observer>, languages: (Language, Language)) -> Rc<Worker> {
    let codecs = Codecs {
        front: match languages.0 {
            Language::Http1 => |_, _| H1.front,
            Language::Records => |_, _| records::CODEC.front,
        },
        back: match languages.1 {
            Language::Http1 => |_, _| H1.back,
            Language::Records => |_, _| records::CODEC.back,
        },
    };
    start_with(observer, codecs)
}

/// Starts a worker that chooses a codec for each connection.
pub(super) fn start_with(observer: Arc<dyn Observer>, codecs: Codecs) -> Rc<Worker> {
    let (worker, _) = worker(observer, codecs);
    let watched = Rc::clone(&worker.context);
    tokio::task::spawn_local(async move { watched.pool.watch().await });
    worker
}

pub(super) fn entry(lab: &Lab, backend: Option<Arc<Backend>>, http: Arc<HttpPolicy>) -> Entry {
    lab.frontend(|config| {
        config.policy.client.inactivity = Some(ms(5000));
        config.policy.client.fin = Some(ms(300));
        config.backend = backend;
        config.policy.http = Some(http);
        config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
    })
}

pub(super) async fn enter(lab: &Lab, worker: &Rc<Worker>, entry: &Entry, language: Language) -> Peer {
    let (client, accepted) = lab.accepted(entry).await;
    worker.start(accepted);
    Peer::new(client, language, true)
}
