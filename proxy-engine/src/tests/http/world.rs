//! A client, the proxy and a server, which run the steps of a row.

use std::rc::Rc;
use std::sync::Arc;

use proto_core::protocol::accept;
use proxy_http::{BodyLength, Method};
use tokio::sync::mpsc;

use super::hear::Heard;
use super::message::{Language, Message, Voice};
use super::peer::Peer;
use super::script::Step;
use super::setup::{enter, entry, http, start};
use crate::runtime::worker::Worker;
use crate::tests::{Entry, Lab, Nobody, Stop, after, config, ms};
use crate::{AcceptedRecord, Backend, BackendConfig, Notice, Observer, Server, SessionRecord};

/// The parts of a log line that do not depend on the codecs.
#[derive(Debug)]
struct Lines(mpsc::UnboundedSender<String>);

impl Observer for Lines {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, record: &SessionRecord<'_>) {
        let status = record.http.unwrap().status.map_or("-".to_owned(), |status| status.to_string());
        let total = record.timers.total.as_millis();
        assert!(self.0.send(format!("{status} {} {total}", record.termination)).is_ok());
    }

    fn notice(&self, notice: &Notice) {
        Nobody.notice(notice);
    }
}

pub(super) struct World<'l> {
    lab: &'l Lab,
    worker: Rc<Worker>,
    entry: Entry,
    languages: (Language, Language),
    origin: Option<Stop>,
    client: Peer,
    server: Option<Peer>,
    /// The server's connections that were replaced.
    done: Vec<Peer>,
    lines: mpsc::UnboundedReceiver<String>,
    /// The request that the client has begun, and the bytes of its body that were sent.
    begun: Option<(Message, usize)>,
    /// The requests without a response: exchange and method.
    asked: Vec<(u32, Method)>,
}

impl<'l> World<'l> {
    /// Makes a world with a connected client.
    pub(super) async fn new(lab: &'l Lab, settings: &str, languages: (Language, Language)) -> World<'l> {
        let (sender, lines) = mpsc::unbounded_channel();
        let worker = start(Arc::new(Lines(sender)), languages);
        let http = Arc::new(http(settings));
        let backend = config(vec![Server::new(lab.server("s", 1))], "roundrobin");
        let backend = Backend::new(BackendConfig { http: Some(Arc::clone(&http)), ..backend });
        let entry = entry(lab, Some(backend), http);
        let client = enter(lab, &worker, &entry, languages.0).await;
        let (origin, server) = (Some(lab.origin("s")), None);
        let (begun, asked) = (None, Vec::new());
        let done = Vec::new();
        World { lab, worker, entry, languages, origin, client, server, done, lines, begun, asked }
    }

    pub(super) async fn step(&mut self, step: Step) {
        match step {
            Step::Brings(_) | Step::Returns(_) => unreachable!("a row has the steps that it stands for"),
            Step::Asks(message) => {
                self.asked.push((self.client.begin(), message.method()));
                self.client.say(&message.bytes(self.client.voice()));
            }
            Step::Begins(message, length) => {
                self.asked.push((self.client.begin(), message.method()));
                self.client.say(&message.part(self.client.voice(), length));
                self.begun = Some((message, length));
            }
            Step::GoesOn => {
                let (message, said) = self.begun.take().unwrap();
                self.client.say(&message.data(self.client.voice(), &message.body[said..]));
                self.client.say(&message.end(self.client.voice()));
            }
            Step::Hesitates(message) => {
                self.client.begin();
                let head = message.head(self.client.voice());
                self.client.say(&head[..head.len() / 2]);
            }
            Step::Babbles => {
                if self.begun.is_none() {
                    self.client.begin();
                }
                self.client.say(&Message::junk(self.client.voice()));
            }
            Step::Says(bytes) => self.client.say_bytes(bytes),
            Step::Leaves => self.client.end(),
            Step::Breaks => self.client.abort(),
            Step::NextClient => {
                self.client = enter(self.lab, &self.worker, &self.entry, self.languages.0).await;
            }

            Step::Refuses => self.origin = None,
            Step::LeadsNowhere => {
                self.entry = entry(self.lab, None, Arc::default());
                self.client = enter(self.lab, &self.worker, &self.entry, self.languages.0).await;
            }
            Step::Asked(message) => {
                // The server's connection carries one exchange at a time, and may be busy with another one.
                let is_busy = self.languages.0 == Language::Records && self.asked.len() > 1;
                if is_busy && self.server.is_some() {
                    self.done.extend(self.server.take());
                }
                assert_eq!(self.server().await.hear(None).await, Some(message));
            }
            Step::AskedAnew(message) => {
                self.done.extend(self.server.take());
                assert_eq!(self.server().await.hear(None).await, Some(message));
            }
            Step::AskedPart(message, length) => heard(self.server().await, None, &message, length).await,
            Step::Told(bytes) => assert_eq!(self.server().await.hear_bytes(bytes.len()).await, bytes),
            Step::Answers(message) => self.reply(&message.bytes(self.reply_voice())),
            Step::AnswersToTheEnd(message) => {
                self.reply(&to_the_end(&message, self.reply_voice()));
                self.close();
            }
            Step::AnswersPart(message, length) => self.reply(&message.part(self.reply_voice(), length)),
            Step::AnswersJunk => self.reply(&Message::junk(self.reply_voice())),
            Step::Replies(bytes) => self.server.as_ref().unwrap().say_bytes(bytes),
            Step::Closes => self.close(),
            Step::IsLeft => {
                self.server.take().unwrap().hear_end().await;
            }
            Step::IsHeldUp(least) => {
                after(ms(1000)).await;
                let unsent = self.server.as_ref().unwrap().unsent();
                assert!(unsent >= least, "{unsent} bytes wait");
            }

            Step::Gets(message) => {
                let to = self.to(&message);
                assert_eq!(self.client.hear(Some(to)).await, Some(message));
            }
            Step::GetsPart(message, length) => {
                let to = self.to(&message);
                heard(&mut self.client, Some(to), &message, length).await;
            }
            Step::GetsSlowly(message) => {
                let to = self.to(&message);
                self.client.be_slow(ms(10));
                assert!(self.client.hear(Some(to)).await == Some(message));
            }
            Step::GetsError(status) => {
                let to = if self.asked.is_empty() { Method::Get } else { self.next_asked() };
                let got = self.client.hear(Some(to)).await.unwrap();
                let has_body = matches!(got.length, BodyLength::Known(1..));
                assert_eq!((&*got.start, has_body), (status, true));
            }
            Step::Hears(bytes) => assert_eq!(self.client.hear_bytes(bytes.len()).await, bytes),
            Step::IsDone => assert_eq!(self.client.hear_end().await, Heard::All),
            Step::IsCutOff => assert_eq!(self.client.hear_end().await, Heard::Part),

            Step::After(millis) => after(ms(millis)).await,
            Step::LogsEither(one, other) => {
                let logged = self.lines.recv().await.unwrap();
                assert!(logged == one || logged == other, "{logged}");
            }
            Step::Logs(line) => {
                let logged = self.lines.recv().await.unwrap();
                let (outcome, _) = logged.rsplit_once(' ').unwrap();
                assert_eq!(if line.matches(' ').count() == 2 { &logged } else { outcome }, line);
            }
        }
    }

    /// Returns whether the log has no further lines.
    pub(super) fn is_silent(&mut self) -> bool {
        self.lines.try_recv().is_err()
    }

    /// Returns the server's connection, a new one if there is none.
    async fn server(&mut self) -> &mut Peer {
        if self.server.is_none() {
            let stream = accept(&**self.origin.as_ref().unwrap()).await.unwrap().into_stream().unwrap();
            self.server = Some(Peer::new(stream, self.languages.1, false));
        }
        self.server.as_mut().unwrap()
    }

    fn close(&mut self) {
        let server = self.server.take().unwrap();
        server.end();
        self.done.push(server);
    }

    fn reply(&self, bytes: &[u8]) {
        self.server.as_ref().unwrap().say(bytes);
    }

    fn reply_voice(&self) -> Voice {
        self.server.as_ref().unwrap().voice()
    }

    /// Returns the method that a response is for, and switches the client to that exchange.
    fn to(&mut self, message: &Message) -> Method {
        let asked = self.asked[0];
        let to = self.next_asked();
        if message.is_interim() {
            self.asked.insert(0, asked);
        }
        to
    }

    fn next_asked(&mut self) -> Method {
        let (number, method) = self.asked.remove(0);
        self.client.attend(number);
        method
    }
}

fn to_the_end(message: &Message, voice: Voice) -> Vec<u8> {
    match voice.0 {
        Language::Records => message.bytes(voice),
        Language::Http1 => {
            let head = Message { length: BodyLength::Empty, ..message.clone() }.head(voice);
            [head, message.body.clone()].concat()
        }
    }
}

async fn heard(peer: &mut Peer, to: Option<Method>, message: &Message, length: usize) {
    let head = peer.hear_head(to).await.unwrap();
    assert_eq!((&head.start, &head.fields), (&message.start, &message.fields));
    assert_eq!(peer.hear_data(length).await, &message.body[..length]);
}
