//! The HTTP proxy between peers of two codecs, each on either side: what it does does not depend on what they speak.

mod message;
mod records;

use std::rc::Rc;
use std::sync::Arc;

use proto_core::memory::address;
use proto_core::protocol::accept;
use proto_core::spec::Target;
use proxy_http::Method;

use self::message::{Framing, Language, Message, Peer};
use super::{Lab, config, ms, run};
use crate::dispatch::{Job, Load};
use crate::frontend::{Door, Entered};
use crate::http::exchange::Codecs;
use crate::http::{H1, HttpConfig};
use crate::slots::Gate;
use crate::worker::Worker;
use crate::{Backend, BackendConfig, LogMoment, Server};

/// A request, what the server answers and what the client gets, of all connections in turn.
struct Exchange {
    request: Message,
    answers: Vec<Message>,
    gets: Vec<Message>,
}

impl Exchange {
    /// What is answered is what the client gets.
    fn passed(request: Message, answers: &[Message]) -> Exchange {
        Exchange { request, answers: answers.to_vec(), gets: answers.to_vec() }
    }
}

fn table() -> Vec<(&'static str, Vec<Exchange>)> {
    let get = || Message::new("GET /");
    let ok = || Message::known("200", b"ok");
    let long = vec![b'x'; 300_000];
    vec![
        ("get", vec![Exchange::passed(get(), &[ok()])]),
        ("post of a known length", vec![Exchange::passed(Message::known("POST /a", b"abc"), &[ok()])]),
        (
            "post of an unknown length, with trailers",
            vec![Exchange::passed(Message::unknown("POST /a", b"abc", &[("x", "y")]), &[ok()])],
        ),
        (
            "answer of an unknown length, with trailers",
            vec![Exchange::passed(get(), &[Message::unknown("200", b"abc", &[("x", "y")])])],
        ),
        (
            "much both ways",
            vec![Exchange::passed(Message::known("PUT /a", &long), &[Message::known("200", &long)])],
        ),
        ("head", vec![Exchange::passed(Message::new("HEAD /"), &[Message::new("200")])]),
        ("no content", vec![Exchange::passed(get(), &[Message::new("204")])]),
        ("not modified", vec![Exchange::passed(get(), &[Message::new("304")])]),
        ("an interim answer", vec![Exchange::passed(get(), &[Message::new("103"), ok()])]),
        (
            "three on one connection",
            vec![
                Exchange::passed(get(), &[ok()]),
                Exchange::passed(Message::known("POST /a", b"abc"), &[Message::unknown("404", b"no", &[])]),
                Exchange::passed(Message::new("DELETE /b"), &[Message::new("204")]),
            ],
        ),
        (
            "no answer",
            vec![Exchange { request: get(), answers: Vec::new(), gets: vec![Message::new("502")] }],
        ),
    ]
}

/// All of the table, with each language on each side.
#[test]
fn exchanges_do_not_depend_on_the_codec() {
    for front in [Language::Http1, Language::Records] {
        for back in [Language::Http1, Language::Records] {
            for (name, exchanges) in table() {
                run(|lab| async move { carry(&lab, name, (front, back), &exchanges).await });
            }
        }
    }
}

/// Without a server the proxy answers by itself, in the client's language.
#[test]
fn answers_of_the_proxy_are_in_the_language_of_the_client() {
    for front in [Language::Http1, Language::Records] {
        run(|lab| async move {
            let worker = worker(front, Language::Http1);
            let mut client = enter(&lab, &worker, None, front).await;
            client.say(&Message::new("GET /")).await;
            let got = client.hear(Some(Method::Get)).await.unwrap();
            assert_eq!((&*got.start, got.framing), ("503", Framing::Known), "{front:?}");
        });
    }
}

fn worker(front: Language, back: Language) -> Rc<Worker> {
    let codecs = |language| if language == Language::Http1 { H1 } else { records::CODECS };
    let codecs = Codecs { front: codecs(front).front, back: codecs(back).back };
    let worker = Worker::for_test_of(Arc::new(super::Nobody), codecs);
    let keeper = Rc::clone(&worker);
    tokio::task::spawn_local(async move { keeper.http.pool.keep().await });
    worker
}

async fn enter(lab: &Lab, worker: &Rc<Worker>, backend: Option<Arc<Backend>>, language: Language) -> Peer {
    let http: Arc<HttpConfig> = Arc::default();
    let Door { frontend, listener } = lab.door(backend, ms(5000), LogMoment::Never);
    let frontend = crate::Frontend { http: Some(Arc::clone(&http)), ..Arc::into_inner(frontend).unwrap() };
    let door = Door { frontend: Arc::new(frontend), listener };
    let front = lab.listen("front", 128);
    let connector = lab.server("front", 0).connector;
    let client = connector.connect(&Target::new(address("front"))).await.unwrap();
    let incoming = accept(&*front).await.unwrap();
    let taken = Gate::new(&lab.slots, []).try_take().unwrap().taken();
    let load = Load::on(&worker.counters);
    let job = Job { entered: Entered::through(&door), incoming, taken, load };
    let worker = Rc::clone(worker);
    tokio::task::spawn_local(async move { crate::session::run_http(&worker, job, &http).await });
    Peer::new(client, language)
}

async fn carry(lab: &Lab, name: &str, languages: (Language, Language), exchanges: &[Exchange]) {
    let worker = worker(languages.0, languages.1);
    let origin = lab.origin("s");
    let plain = config(vec![Server::new(lab.server("s", 1))], "roundrobin");
    let backend = Backend::new(BackendConfig { http: Some(Arc::default()), ..plain });
    let mut client = enter(lab, &worker, Some(backend), languages.0).await;
    // All go over one connection: the first makes it, the others find it idle.
    let mut server: Option<Peer> = None;
    for Exchange { request, answers, gets } in exchanges {
        let what = format!("{name}, {languages:?}");
        let heard = async {
            if server.is_none() {
                let stream = accept(&*origin).await.unwrap().into_stream().unwrap();
                server = Some(Peer::new(stream, languages.1));
            }
            server.as_mut().unwrap().hear(None).await
        };
        let ((), heard) = tokio::join!(client.say(request), heard);
        assert!(heard.as_ref() == Some(request), "{what}: the server hears something else");

        let method = Method::of(request.start.split(' ').next().unwrap().as_bytes());
        let answering = async {
            let mut peer = server.take().unwrap();
            for answer in answers {
                peer.say(answer).await;
            }
            // Without an answer the connection is closed.
            if answers.is_empty() { None } else { Some(peer) }
        };
        let getting = async {
            let mut got = Vec::new();
            for _ in gets {
                got.push(client.hear(Some(method)).await.unwrap_or_else(|| panic!("{what}: the end")));
            }
            got
        };
        let (peer, got) = tokio::join!(answering, getting);
        server = peer;
        let same = match answers.is_empty() {
            // Its own text is the proxy's business.
            true => got[0].start == gets[0].start,
            false => got == *gets,
        };
        assert!(same, "{what}: the client gets something else");
    }
}
