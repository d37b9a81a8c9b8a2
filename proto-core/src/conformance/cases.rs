//! The cases, one function each, in the order of the suite.

use std::future::Future;
use std::io::{ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::runtime::Runtime;

use super::{Ended, Subject, Trait};
use crate::address::{Address, OtherAddress};
use crate::error::{BindError, ConnectFailure, Refusal};
use crate::family::Family;
use crate::info::State;
use crate::layer::Prefixed;
use crate::options::{SocketOption, apply};
use crate::protocol::{BoundSocket, Listener, accept, connect_within};
use crate::spec::{BindSpec, Target};
use crate::stream::Stream;

/// Longer than any step takes on a machine that is busy; a step that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub(super) fn run(case: &str, subject: &Subject) -> Ended {
    let needs = match case {
        "half_close_by_the_client" | "half_close_by_the_server" => Some(Trait::HalfClose),
        "abort_is_seen_by_the_peer" => Some(Trait::Reset),
        "suspended_it_refuses" => Some(Trait::Suspend),
        "refusing_new_keeps_those_inside" => Some(Trait::RefuseNew),
        _ => None,
    };
    if let Some(why) = needs.and_then(|needed| subject.lacks(needed)) {
        return Ended::DoesNotApply(why.to_owned());
    }
    let work = async {
        match case {
            "bind_reports_the_real_address" => bind_reports_the_real_address(subject),
            "accept_and_connect" => accept_and_connect(subject).await,
            "bytes_arrive_both_ways" => bytes_arrive_both_ways(subject).await,
            "half_close_by_the_client" => half_close(subject, true).await,
            "half_close_by_the_server" => half_close(subject, false).await,
            "abort_is_seen_by_the_peer" => abort_is_seen_by_the_peer(subject).await,
            "incoming_crosses_threads" => incoming_crosses_threads(subject).await,
            "detach_and_back" => detach_and_back(subject).await,
            "accept_is_cancel_safe" => accept_is_cancel_safe(subject).await,
            "connecting_to_nobody_is_refused" => return connecting_to_nobody_is_refused(subject).await,
            "many_at_once" => many_at_once(subject).await,
            "options_are_applied_or_warned_about" => return options_are_applied_or_warned_about(subject),
            "vectored_writes_are_forwarded" => vectored_writes_are_forwarded(subject).await,
            "put_back_bytes_are_read_first" => put_back_bytes_are_read_first(subject).await,
            "info_describes_the_connection" => info_describes_the_connection(subject).await,
            "clones_share_one_queue" => clones_share_one_queue(subject).await,
            "suspended_it_refuses" => suspended_it_refuses(subject).await,
            "refusing_new_keeps_those_inside" => refusing_new_keeps_those_inside(subject).await,
            "another_kind_of_address_is_refused" => another_kind_of_address_is_refused(subject),
            other => panic!("there is no case {other}"),
        }
        Ended::Passed
    };
    within(&runtime(), work)
}

fn within<T>(runtime: &Runtime, work: impl Future<Output = T>) -> T {
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("it does not hang") })
}

/// A listener of the subject.
pub(super) struct Listening {
    bound: Address,
    /// What leads to it.
    pub(super) address: Address,
    listener: Box<dyn Listener>,
}

impl Listening {
    pub(super) fn start(subject: &Subject) -> Listening {
        Listening::with(subject, [])
    }

    pub(super) fn with(subject: &Subject, options: impl IntoIterator<Item = SocketOption>) -> Listening {
        let socket = bind(subject, options).0;
        let bound = socket.local_addr().clone();
        let address = (subject.leads_to)(&bound);
        Listening { bound, address, listener: socket.listen().expect("it listens") }
    }

    pub(super) async fn connect(&self, subject: &Subject) -> Box<dyn Stream> {
        connect_to(subject, &self.address).await.expect("it connects")
    }

    /// A connection: the client's end and the server's.
    pub(super) async fn pair(&self, subject: &Subject) -> (Box<dyn Stream>, Box<dyn Stream>) {
        let (client, incoming) = tokio::join!(self.connect(subject), accept(&*self.listener));
        (client, incoming.expect("it accepts").into_stream().expect("it registers"))
    }
}

fn bind(
    subject: &Subject,
    options: impl IntoIterator<Item = SocketOption>,
) -> (Box<dyn BoundSocket>, Vec<crate::error::Warning>) {
    let mut spec = BindSpec::new((subject.free)());
    spec.settings = subject.settings.clone();
    options.into_iter().for_each(|option| spec.settings.options.set(option));
    let bound = subject.protocol.bind(spec, &subject.kernel).expect("it binds");
    assert_eq!(bound.socket.local_addr(), &bound.address);
    (bound.socket, bound.warnings)
}

async fn connect_to(
    subject: &Subject,
    address: &Address,
) -> Result<Box<dyn Stream>, crate::error::ConnectError> {
    let server = subject.server(address);
    let connectable = subject.protocol.connector(server, &subject.kernel).expect("a connector");
    assert_eq!(connectable.warnings, [], "a plain server needs no warning");
    connect_within(&*connectable.connector, &Target::new(address.clone()), PATIENCE).await
}

fn bind_reports_the_real_address(subject: &Subject) {
    let (first, second) = (bind(subject, []).0, bind(subject, []).0);
    assert_ne!(first.local_addr(), second.local_addr(), "two sockets have two addresses");
    assert!(subject.protocol.descriptor().families.contains(&first.local_addr().family()));
    assert!(first.local_addr().inet().is_none_or(|inet| inet.port() != 0), "port 0 has become a port");
}

async fn accept_and_connect(subject: &Subject) {
    let listening = Listening::start(subject);
    assert_eq!(listening.listener.local_addr(), &listening.bound);
    let (client, incoming) = tokio::join!(listening.connect(subject), accept(&*listening.listener));
    let incoming = incoming.expect("it accepts");
    assert_eq!(incoming.peer_addr(), &client.local_addr());
    let server = incoming.into_stream().expect("it registers");
    assert_eq!(client.peer_addr(), listening.address);
    assert_eq!(server.local_addr(), listening.bound);
    assert_eq!(server.peer_addr(), client.local_addr());
}

/// Bytes of which no two neighbourhoods are alike, so that loss and repetition show.
fn pattern(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(length)
    .collect()
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    stream.write_all(bytes).await.expect("it writes");
    stream.flush().await.expect("it flushes");
}

async fn receive(stream: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.expect("it reads");
    bytes
}

async fn read_to_end(stream: &mut Box<dyn Stream>) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("it reads to the end");
    bytes
}

async fn bytes_arrive_both_ways(subject: &Subject) {
    let listening = Listening::start(subject);
    for length in [0, 1, 100, 65_536, 8 << 20] {
        let (client, server) = listening.pair(subject).await;
        let (mut client_in, mut client_out) = tokio::io::split(client);
        let (mut server_in, mut server_out) = tokio::io::split(server);
        let bytes = pattern(length);
        let ((), (), up, down) = tokio::join!(
            send(&mut client_out, &bytes),
            send(&mut server_out, &bytes),
            receive(&mut server_in, length),
            receive(&mut client_in, length),
        );
        assert!(up == bytes, "{length} bytes to the server came out different");
        assert!(down == bytes, "{length} bytes to the client came out different");
    }
}

async fn half_close(subject: &Subject, by_client: bool) {
    let listening = Listening::start(subject);
    let (client, server) = listening.pair(subject).await;
    let (mut closer, mut other) = if by_client { (client, server) } else { (server, client) };
    send(&mut closer, b"before").await;
    closer.shutdown().await.expect("it shuts down");
    assert_eq!(read_to_end(&mut other).await, b"before", "what was written arrives before the end");
    let answer = pattern(1 << 20);
    let (_, got) = tokio::join!(
        async {
            send(&mut other, &answer).await;
            other.shutdown().await.expect("it shuts down");
        },
        read_to_end(&mut closer)
    );
    assert!(got == answer, "the other direction stays open");
}

async fn abort_is_seen_by_the_peer(subject: &Subject) {
    let listening = Listening::start(subject);
    for by_client in [true, false] {
        let (client, server) = listening.pair(subject).await;
        let (aborter, mut other) = if by_client { (client, server) } else { (server, client) };
        aborter.abort();
        let error = other.read(&mut [0; 16]).await.expect_err("a reset is not an end of file");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
}

async fn incoming_crosses_threads(subject: &Subject) {
    let listening = Listening::start(subject);
    let (mut client, incoming) = tokio::join!(listening.connect(subject), accept(&*listening.listener));
    let incoming = incoming.expect("it accepts");
    let worker = std::thread::spawn(move || {
        within(&runtime(), async {
            let mut server = incoming.into_stream().expect("it registers elsewhere");
            send(&mut server, b"from another thread").await;
        });
    });
    assert_eq!(read_to_end(&mut client).await, b"from another thread");
    worker.join().expect("the worker is content");
}

async fn detach_and_back(subject: &Subject) {
    let listening = Listening::start(subject);
    let (client, mut server) = listening.pair(subject).await;
    let (peer, transport) = (client.peer_addr(), client.info().transport);
    let detached = client.detach().expect("it detaches");
    assert_eq!(detached.peer_addr(), &peer);
    let worker = std::thread::spawn(move || {
        within(&runtime(), async move {
            let mut client = detached.into_stream().expect("it registers elsewhere");
            assert_eq!((client.peer_addr(), client.info().transport), (peer, transport));
            assert_eq!(receive(&mut client, 4).await, b"ping");
            send(&mut client, b"pong").await;
            client.detach().expect("it detaches again")
        })
    });
    send(&mut server, b"ping").await;
    assert_eq!(receive(&mut server, 4).await, b"pong");
    let mut client = worker.join().expect("the worker is content").into_stream().expect("it comes back");
    send(&mut client, b"back").await;
    assert_eq!(receive(&mut server, 4).await, b"back");
}

async fn accept_is_cancel_safe(subject: &Subject) {
    let listening = Listening::start(subject);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..8 {
        let mut cancelled = Box::pin(accept(&*listening.listener));
        assert!(cancelled.as_mut().poll(&mut cx).is_pending(), "nobody has connected yet");
        // The connection arrives while the future waits; dropping it must not take the connection along.
        let client = listening.connect(subject).await;
        drop(cancelled);
        let incoming = accept(&*listening.listener).await.expect("it accepts");
        assert_eq!(incoming.peer_addr(), &client.local_addr(), "none is lost");
    }
}

async fn connecting_to_nobody_is_refused(subject: &Subject) -> Ended {
    let Some(nobody) = &subject.nobody else {
        return Ended::DoesNotApply("it has no address without a listener".to_owned());
    };
    let error = connect_to(subject, nobody).await.expect_err("nobody is there");
    assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
    assert!(error.to_string().contains(&nobody.to_string()), "the error names the address: {error}");
    Ended::Passed
}

async fn many_at_once(subject: &Subject) {
    const MANY: usize = 100;
    let listening = Listening::start(subject);
    let serve = async {
        let mut servers = Vec::new();
        for _ in 0..MANY {
            let incoming = accept(&*listening.listener).await.expect("it accepts");
            servers.push(incoming.into_stream().expect("it registers"));
        }
        for server in &mut servers {
            let bytes = receive(server, 1000).await;
            send(server, &bytes).await;
        }
    };
    let ask = async {
        let mut clients = Vec::new();
        for n in 0..MANY {
            let mut client = listening.connect(subject).await;
            send(&mut client, &[n as u8; 1000]).await;
            clients.push(client);
        }
        for (n, client) in clients.iter_mut().enumerate() {
            assert_eq!(receive(client, 1000).await, [n as u8; 1000], "connection {n}");
        }
    };
    tokio::join!(serve, ask);
}

fn options_are_applied_or_warned_about(subject: &Subject) -> Ended {
    if subject.options.is_empty() {
        return Ended::DoesNotApply("it takes no socket options".to_owned());
    }
    for option in &subject.options {
        let (socket, warnings) = bind(subject, [option.clone()]);
        let name = option.spec().name;
        match warnings.as_slice() {
            [] => {
                let Some(fd) = socket.as_fd() else { continue };
                let holds = apply::holds(fd, option).expect("it can be read back");
                assert_ne!(holds, Some(false), "{option} was set and does not hold");
            }
            [warning] => {
                let text = warning.to_string();
                assert!(text.contains(&format!("'{option}'")), "a warning names the option {name}: {text}");
                assert!(text.contains(subject.protocol.descriptor().name), "and the protocol: {text}");
                assert!(text.contains(&warning.address), "and the bind: {text}");
            }
            more => panic!("one option, one warning: {more:?}"),
        }
    }
    Ended::Passed
}

async fn write_vectored(stream: &mut Box<dyn Stream>, bufs: &[IoSlice<'_>]) -> usize {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_write_vectored(cx, bufs)).await.expect("it writes")
}

async fn vectored_writes_are_forwarded(subject: &Subject) {
    let listening = Listening::start(subject);
    let (client, mut server) = listening.pair(subject).await;
    let mut client = Prefixed::new(b"a layer".to_vec(), client);
    assert!(client.is_write_vectored());
    let slices = [IoSlice::new(b"one "), IoSlice::new(b"two "), IoSlice::new(b"three")];
    let written = write_vectored(&mut client, &slices).await;
    assert_eq!(written, 13, "all slices go out in one write");
    assert_eq!(receive(&mut server, 13).await, b"one two three");
}

async fn put_back_bytes_are_read_first(subject: &Subject) {
    let listening = Listening::start(subject);
    let (mut client, server) = listening.pair(subject).await;
    let mut server = Prefixed::new(b"put back, ".to_vec(), server);
    assert!(server.splice_read().is_none(), "nothing is spliced past bytes in hand");
    assert_eq!(receive(&mut server, 4).await, b"put ");
    let mut server = server.detach().expect("it detaches").into_stream().expect("it registers");
    send(&mut client, b"then the rest").await;
    client.shutdown().await.expect("it shuts down");
    assert_eq!(read_to_end(&mut server).await, b"back, then the rest");
}

async fn info_describes_the_connection(subject: &Subject) {
    let listening = Listening::start(subject);
    let (mut client, mut server) = listening.pair(subject).await;
    send(&mut client, &pattern(1000)).await;
    receive(&mut server, 1000).await;
    send(&mut server, b"!").await;
    receive(&mut client, 1).await;
    for (end, stream) in [("client", &client), ("server", &server)] {
        let info = stream.info();
        assert_eq!(info.transport, subject.protocol.descriptor().name);
        assert_eq!(info.state, State::Native, "{end}: {info:?}");
        if subject.lacks(Trait::Paths).is_none() {
            let [path] = info.paths.as_slice() else { panic!("{end}: one path: {info:?}") };
            assert_eq!((&path.local, &path.remote), (&stream.local_addr(), &stream.peer_addr()), "{end}");
        }
    }
}

async fn clones_share_one_queue(subject: &Subject) {
    let (socket, _) = bind(subject, []);
    let other = socket.try_clone().expect("it can be duplicated");
    assert_eq!(socket.local_addr(), other.local_addr());
    let (first, second) = (socket.listen().expect("it listens"), other.listen().expect("so does its clone"));
    let address = (subject.leads_to)(first.local_addr());
    let _one = connect_to(subject, &address).await.expect("it connects");
    let _two = connect_to(subject, &address).await.expect("it connects");
    accept(&*first).await.expect("one handle accepts");
    drop(first);
    accept(&*second).await.expect("the other does too, also when the first is gone");
}

async fn suspended_it_refuses(subject: &Subject) {
    let (socket, _) = bind(subject, []);
    let address = (subject.leads_to)(socket.local_addr());
    let listener = socket.try_clone().expect("it can be duplicated").listen().expect("it listens");
    connect_to(subject, &address).await.expect("it connects");
    drop(accept(&*listener).await.expect("it accepts"));
    drop(listener);
    socket.suspend().expect("it can be suspended");
    let error = connect_to(subject, &address).await.expect_err("nobody listens");
    assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
    let listener = socket.listen().expect("it listens again");
    connect_to(subject, &address).await.expect("it connects again");
    accept(&*listener).await.expect("and accepts again");
}

async fn refusing_new_keeps_those_inside(subject: &Subject) {
    let listening = Listening::start(subject);
    let mut early = Vec::new();
    for _ in 0..5 {
        early.push(listening.connect(subject).await);
    }
    assert!(listening.listener.refuse_new(), "it can refuse new connections");
    let error = connect_to(subject, &listening.address).await.expect_err("new ones are refused");
    assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
    for mut client in early {
        let incoming = accept(&*listening.listener).await.expect("those inside are served");
        let mut server = incoming.into_stream().expect("it registers");
        send(&mut server, b"served").await;
        assert_eq!(receive(&mut client, 6).await, b"served");
    }
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(listening.listener.poll_accept(&mut cx), Poll::Pending), "nobody else is inside");
}

fn another_kind_of_address_is_refused(subject: &Subject) {
    let family = Family::new("some other family");
    let address = Address::Other(OtherAddress { family, host: "there".into() });
    match subject.protocol.bind(BindSpec::new(address), &subject.kernel) {
        Err(BindError::Refused { source: Refusal::WrongFamily { family: found, .. }, .. }) => {
            assert_eq!(found, family);
        }
        other => panic!("an address of another family: {other:?}"),
    }
}
