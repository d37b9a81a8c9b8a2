//! Sessions on the in-memory transport with a paused clock: every time in these lines is exact. HAProxy 3.5 writes the
//! same lines for the same events, except that its queue timer shows one millisecond more.

mod alternatives;
mod checks;
mod commands;
mod contents;
mod counting;
mod endings;
mod found;
mod hashing;
mod http;
mod layers;
mod queueing;
mod shortage;
mod sockets;
mod states;
mod turns;

use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proto_core::kernel::Kernel;
use proto_core::memory::{MemoryTransport, address};
use proto_core::options::SocketOption;
use proto_core::protocol::{Protocol as _, accept};
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_config::testing;
use proxy_relay::SideTimeouts;
use proxy_rules::log::LogPolicy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::mpsc;

use crate::balance::Hashing;
use crate::connection::{Accepted as AcceptedConnection, Codecs, Parts, WorkerContext, open};
use crate::listener::{ConnectionLimit, Permits};
use crate::observe::{Arrived, Load, WorkerCounters, WorkerView};
use crate::runtime::worker::Worker;
use crate::upstream::handover::Handover;
use crate::*;

/// Runs a test on a worker of its own.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build_local(LocalOptions::default()).unwrap();
    runtime.block_on(async { test(Lab::new()).await });
}

/// A laboratory: a worker, a network and the log.
pub(crate) struct Lab {
    network: MemoryTransport,
    worker: Rc<Worker>,
    permits: Permits,
    load: Arc<WorkerCounters>,
    log: Arc<Lines>,
    lines: mpsc::UnboundedReceiver<Line>,
    /// Whether the last record was of a client that sent nothing, and whether it was of a failure.
    pub(crate) was_null: bool,
    pub(crate) was_error: bool,
}

/// An observer that ignores everything.
#[derive(Debug)]
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        // Some tests have rules that fail.
        assert!(matches!(notice, Notice::NotEvaluated { .. }), "not expected: {notice}");
    }
}

struct Line {
    text: String,
    is_null: bool,
    is_error: bool,
}

/// A log target that keeps lines, and the flags of their records.
#[derive(Debug)]
struct Lines {
    lines: mpsc::UnboundedSender<Line>,
    /// The flags of the last record.
    flags: Mutex<(bool, bool)>,
}

impl Observer for Lines {
    fn accepted(&self, _: &AcceptedRecord<'_>) {
        *self.flags.lock().unwrap() = (false, false);
    }

    fn session(&self, record: &SessionRecord<'_>) {
        *self.flags.lock().unwrap() = (record.is_null(), record.is_error());
    }

    fn notice(&self, notice: &Notice) {
        // Some tests have rules that fail.
        assert!(matches!(notice, Notice::NotEvaluated { .. }), "not expected: {notice}");
    }
}

impl LogTarget for Lines {
    fn wants(&self, _: proxy_rules::Severity) -> bool {
        true
    }

    fn write(&self, _: proxy_rules::Severity, line: &[u8], _: &[u8]) {
        let line = str::from_utf8(line).unwrap();
        // Without the client and the date.
        let text = line.split_once("] ").map_or(line, |(_, text)| text).to_owned();
        let (is_null, is_error) = *self.flags.lock().unwrap();
        assert!(self.lines.send(Line { text, is_null, is_error }).is_ok());
    }
}

/// Makes the log policy of a section with these lines.
pub(crate) fn log_policy(lines: &str) -> LogPolicy {
    let reading = testing::read(format!("frontend x\n{lines}\n"));
    LogPolicy::of(&reading.configuration.proxies[0].values)
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn balance(name: &str) -> Box<dyn balance::Balance> {
    let algorithms = balance::Algorithm::entries();
    (algorithms.find(name).unwrap().make)(&[], &Hashing::default()).unwrap()
}

/// Makes the configuration of a backend of these servers, with the timeouts that the tests expect.
pub(crate) fn config(servers: Vec<Server>, algorithm: &str) -> BackendConfig {
    let side = SideTimeouts { inactivity: Some(ms(1500)), fin: Some(ms(300)) };
    let timeouts =
        BackendTimeouts { connect: Some(ms(600)), queue: Some(ms(1200)), server: side, tunnel: None };
    BackendConfig { timeouts, ..BackendConfig::new("be", 1, servers, balance(algorithm)) }
}

pub(crate) type Stop = Box<dyn proto_core::protocol::Listener>;

/// Makes a worker that is the only one of its process. Returns also its counters.
pub(crate) fn worker(observer: Arc<dyn Observer>, codecs: Codecs) -> (Rc<Worker>, Arc<WorkerCounters>) {
    let load: Arc<WorkerCounters> = Arc::default();
    let parts = Parts {
        index: 0,
        workers: 1,
        view: WorkerView::new(0, Arc::new([Arc::clone(&load)]), observer),
        shortage: Arc::default(),
        scratch: proxy_relay::Scratch::default(),
        process: proxy_rules::ProcessVariables::default(),
        handover: Handover::new(0, Arc::new([])),
        codecs,
        published: Default::default(),
    };
    (Worker::new(WorkerContext::new(parts)), load)
}

/// The entry of clients: a frontend and its listener.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
}

impl Entry {
    pub(crate) fn of(frontend: Frontend) -> Entry {
        let listener = Arc::clone(&frontend.listeners[0]);
        Entry { frontend: Arc::new(frontend), listener }
    }

    pub(crate) fn backend(&self) -> &Arc<Backend> {
        self.frontend.backend.as_ref().unwrap()
    }
}

impl Lab {
    fn new() -> Lab {
        let (sender, lines) = mpsc::unbounded_channel();
        let log = Arc::new(Lines { lines: sender, flags: Mutex::default() });
        let (worker, load) = worker(Arc::clone(&log) as Arc<dyn Observer>, crate::http::CODECS);
        let permits = Permits::new(&ConnectionLimit::new(1000), [], &worker.context.shortage);
        let network = MemoryTransport::default();
        Lab { network, worker, permits, load, log, lines, was_null: false, was_error: false }
    }

    fn listen(&self, name: &str, backlog: u32) -> Stop {
        let mut spec = BindSpec::new(address(name));
        spec.settings.options.set(SocketOption::Backlog(backlog));
        self.network.bind(spec, &Kernel::detect()).unwrap().socket.listen().unwrap()
    }

    /// Makes a server without a listener yet.
    pub(crate) fn server(&self, name: &str, id: u32) -> ServerConfig {
        let spec = ServerSpec::new(address(name));
        let connector = self.network.connector(spec, &Kernel::detect()).unwrap().connector;
        ServerConfig::new(name, id, connector, address(name))
    }

    /// Listens at the address of a server.
    pub(crate) fn origin(&self, name: &str) -> Stop {
        self.listen(name, 128)
    }

    /// Listens at the address of a server, and never accepts.
    pub(crate) fn silent_origin(&self, name: &str) -> Stop {
        self.listen(name, 0)
    }

    /// Makes a frontend with one listener.
    pub(crate) fn frontend(&self, change: impl FnOnce(&mut FrontendConfig)) -> Entry {
        let socket = self.network.bind(BindSpec::new(address("unused")), &Kernel::detect()).unwrap().socket;
        let mut config = FrontendConfig::new("fe", 2, vec![ListenerConfig::new(7, "memory", socket)]);
        change(&mut config);
        let (frontend, _) = Frontend::new(config);
        Entry::of(frontend)
    }

    pub(crate) fn entry(&self, backend: Option<Arc<Backend>>, client: Duration, moment: LogMoment) -> Entry {
        self.frontend(|config| {
            config.policy.client = SideTimeouts { inactivity: Some(client), fin: Some(ms(300)) };
            config.backend = backend;
            config.log = LogOptions { moment, connections: true, ..LogOptions::default() };
            let target = Arc::clone(&self.log) as Arc<dyn LogTarget>;
            config.access_log = Some(Arc::new(AccessLog::new(log_policy("option tcplog"), target)));
        })
    }

    /// Makes a frontend with this backend and a long timeout of clients.
    pub(crate) fn open(&self, backend: BackendConfig) -> Entry {
        self.entry(Some(Backend::new(backend)), ms(9000), LogMoment::Ended)
    }

    /// Connects a client. Returns its stream and the accepted connection.
    pub(crate) async fn accepted(&self, entry: &Entry) -> (Box<dyn Stream>, AcceptedConnection) {
        let front = self.listen("front", 128);
        let connector = self.server("front", 0).connector;
        let client = connector.connect(&Target::new(address("front"))).await.unwrap();
        let accepted = AcceptedConnection {
            frontend: Arc::clone(&entry.frontend),
            listener: Arc::clone(&entry.listener),
            arrived: Arrived::at(&entry.listener.ingress),
            incoming: accept(&*front).await.unwrap(),
            permit: self.permits.grant(self.permits.try_reserve().unwrap()),
            load: Load::on(&self.load),
        };
        (client, accepted)
    }

    /// Connects a client whose session is served.
    pub(crate) async fn client(&self, entry: &Entry) -> Box<dyn Stream> {
        let (client, accepted) = self.accepted(entry).await;
        self.worker.start(accepted);
        client
    }

    /// Returns the next line of the log.
    pub(crate) async fn line(&mut self) -> String {
        let Line { text, is_null, is_error } = self.lines.recv().await.unwrap();
        (self.was_null, self.was_error) = (is_null, is_error);
        text
    }

    /// Returns whether there is no line now.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.lines.try_recv().is_err()
    }
}

/// The main cost of an idle session besides its sockets, since an idle relay owns no buffer.
#[test]
fn a_session_is_small() {
    run(|lab| async move {
        let entry = lab.entry(None, ms(1000), LogMoment::Never);
        let context = &lab.worker.context;
        let size = size_of_val(&crate::tcp::run(open(context, lab.accepted(&entry).await.1).unwrap()));
        println!("{size} bytes");
        assert!(size <= 2048, "{size} bytes");
        let policy = Arc::default();
        let (opened, rooms) =
            (open(context, lab.accepted(&entry).await.1).unwrap(), Rc::<crate::http::Rooms>::default());
        let size = size_of_val(&crate::http::run(opened, policy, rooms));
        println!("{size} bytes of HTTP");
        assert!(size <= 768, "{size} bytes of HTTP");
    });
}

/// Accepts the next connection to a server.
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
