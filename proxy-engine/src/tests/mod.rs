//! Sessions on the in-memory transport with a clock that stands still: every time in these lines is exact. The lines
//! are what HAProxy 3.5 writes for the same course of events, but for its queue timer (see `tcplog`).

mod endings;
mod hashing;
mod http;
mod queueing;
mod turns;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use proto_core::kernel::Kernel;
use proto_core::memory::{MemoryTransport, address};
use proto_core::options::SocketOption;
use proto_core::protocol::{Protocol, accept};
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_relay::SideLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::mpsc;

use crate::balance::HashType;
use crate::dispatch::{Job, Load};
use crate::frontend::{Door, Entered};
use crate::slots::{Gate, Slots};
use crate::tally::FrontTally;
use crate::worker::Worker;
use crate::*;

/// Runs a test on a worker of its own.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async { test(Lab::new()).await });
}

/// A worker, a network and the log.
pub(crate) struct Lab {
    network: MemoryTransport,
    worker: Rc<Worker>,
    slots: Arc<Slots>,
    lines: mpsc::UnboundedReceiver<Line>,
    /// Whether the last line was of a client that sent nothing, and of an error.
    pub(crate) was_null: bool,
    pub(crate) was_error: bool,
}

/// Wants to know nothing.
#[derive(Debug)]
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn accepted(&self, _: &Accepted<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

struct Line {
    text: String,
    is_null: bool,
    is_error: bool,
}

#[derive(Debug)]
struct Lines(mpsc::UnboundedSender<Line>);

impl Observer for Lines {
    fn accepted(&self, accepted: &Accepted<'_>) {
        let text = tcplog::accepted(accepted);
        assert!(self.0.send(Line { text, is_null: false, is_error: false }).is_ok());
    }

    fn session(&self, record: &SessionRecord<'_>) {
        let line = tcplog::session(record);
        // Without the client and the date.
        let text = line.split_once("] ").unwrap().1.to_owned();
        let (is_null, is_error) = (record.is_null(), record.is_error());
        assert!(self.0.send(Line { text, is_null, is_error }).is_ok());
    }

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn balance(name: &str) -> Box<dyn balance::Balance> {
    let algorithms = balance::algorithms().unwrap();
    (algorithms.get(name).unwrap().make)(&[], HashType::default()).unwrap()
}

/// A backend of these servers, with limits that the tests count with.
pub(crate) fn config(servers: Vec<Server>, algorithm: &str) -> BackendConfig {
    let side = SideLimits { inactivity: Some(ms(1500)), fin: Some(ms(300)) };
    let timeouts =
        BackendTimeouts { connect: Some(ms(600)), queue: Some(ms(1200)), server: side, tunnel: None };
    BackendConfig { timeouts, ..BackendConfig::new("be", 1, servers, balance(algorithm)) }
}

pub(crate) type Stop = Box<dyn proto_core::protocol::Listener>;

impl Lab {
    fn new() -> Lab {
        let (sender, lines) = mpsc::unbounded_channel();
        let worker = Worker::for_test(Arc::new(Lines(sender)));
        let (network, slots) = (MemoryTransport::default(), Slots::new(1000));
        Lab { network, worker, slots, lines, was_null: false, was_error: false }
    }

    fn listen(&self, name: &str, backlog: u32) -> Stop {
        let mut spec = BindSpec::new(address(name));
        spec.settings.options.set(SocketOption::Backlog(backlog));
        self.network.bind(spec, &Kernel::detect()).unwrap().socket.listen().unwrap()
    }

    /// A server; nobody listens there yet.
    pub(crate) fn server(&self, name: &str, id: u32) -> ServerConfig {
        let spec = ServerSpec::new(address(name));
        let connector = self.network.connector(spec, &Kernel::detect()).unwrap().connector;
        ServerConfig::new(name, id, connector, address(name))
    }

    /// Listens where a server is.
    pub(crate) fn origin(&self, name: &str) -> Stop {
        self.listen(name, 128)
    }

    /// Listens there and lets nobody in.
    pub(crate) fn silent_origin(&self, name: &str) -> Stop {
        self.listen(name, 0)
    }

    pub(crate) fn door(&self, backend: Option<Arc<Backend>>, client: Duration, moment: LogMoment) -> Door {
        let listener = Arc::new(Listener {
            name: None,
            id: 7,
            maxconn: None,
            address: address("front"),
            tally: FrontTally::default(),
        });
        let frontend = Arc::new(Frontend {
            name: "fe".to_owned(),
            id: 2,
            maxconn: None,
            client: SideLimits { inactivity: Some(client), fin: Some(ms(300)) },
            backend,
            switching: None,
            http: None,
            log: LogOptions { moment, connections: true },
            options: Vec::new(),
            listeners: vec![Arc::clone(&listener)],
            tally: FrontTally::default(),
        });
        Door { frontend, listener }
    }

    /// A door to a backend whose clients have much time.
    pub(crate) fn open(&self, backend: BackendConfig) -> Door {
        self.door(Some(Backend::new(backend)), ms(9000), LogMoment::Ended)
    }

    /// A client that has come in.
    pub(crate) async fn client(&self, door: &Door) -> Box<dyn Stream> {
        let front = self.listen("front", 128);
        let connector = self.server("front", 0).connector;
        let client = connector.connect(&Target::new(address("front"))).await.unwrap();
        let incoming = accept(&*front).await.unwrap();
        let taken = Gate::new(&self.slots, []).try_take().unwrap().taken();
        let load = Load::on(&self.worker.counters);
        self.worker.start(Job { entered: Entered::through(door), incoming, taken, load });
        client
    }

    /// The next line of the log.
    pub(crate) async fn line(&mut self) -> String {
        let Line { text, is_null, is_error } = self.lines.recv().await.unwrap();
        (self.was_null, self.was_error) = (is_null, is_error);
        text
    }

    /// Whether there is no line by now.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.lines.try_recv().is_err()
    }
}

/// What an idle session costs beside its sockets: mostly this, since a relay that waits owns no buffer.
#[test]
fn a_session_is_small() {
    run(|lab| async move {
        let door = lab.door(None, ms(1000), LogMoment::Never);
        let front = lab.listen("front", 128);
        let connector = lab.server("front", 0).connector;
        let job = async || {
            let _client = connector.connect(&Target::new(address("front"))).await.unwrap();
            let incoming = accept(&*front).await.unwrap();
            let taken = Gate::new(&lab.slots, []).try_take().unwrap().taken();
            let load = Load::on(&lab.worker.counters);
            Job { entered: Entered::through(&door), incoming, taken, load }
        };
        let size = size_of_val(&crate::session::run(&lab.worker, job().await));
        println!("{size} bytes");
        assert!(size <= 2048, "{size} bytes");
        let config = Arc::default();
        let size = size_of_val(&crate::session::run_http(&lab.worker, job().await, &config));
        println!("{size} bytes of HTTP");
        assert!(size <= 3584, "{size} bytes of HTTP");
    });
}

/// Takes the next connection to a server.
pub(crate) async fn served(origin: &Stop) -> Box<dyn Stream> {
    accept(&**origin).await.unwrap().into_stream().unwrap()
}

pub(crate) async fn say(stream: &mut Box<dyn Stream>, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

pub(crate) async fn hear(stream: &mut Box<dyn Stream>, text: &str) {
    let mut heard = vec![0; text.len()];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, text.as_bytes());
}

pub(crate) async fn after(time: Duration) {
    tokio::time::sleep(time).await;
}
