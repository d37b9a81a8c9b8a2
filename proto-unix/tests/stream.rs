//! Connections: both directions, half-close, abort, other workers, splicing, a full backlog.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod common;

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use common::{Directory, at, bind, connection, connector, named, run, speak, unique_name};
use proto_core::error::ConnectFailure;
use proto_core::extension::Value;
use proto_core::info::State;
use proto_core::options::SocketOption;
use proto_core::protocol::{accept, connect_within};
use proto_core::spec::Target;
use proto_core::stream::{Lack, Stream, Support};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn one_direction_closes_and_the_other_stays_open() {
    run(async {
        let listener = bind(&named(&unique_name(), false)).socket.listen().unwrap();
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"question").await;
        client.shutdown().await.unwrap();
        assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 0);
        speak(&mut *server, &mut *client, b"answer").await;
        let error = client.write_all(b"more").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn an_abort_with_unread_bytes_is_a_reset() {
    run(async {
        let listener = bind(&named(&unique_name(), false)).socket.listen().unwrap();
        let (mut client, server) = connection(&*listener).await;
        client.write_all(b"unread").await.unwrap();
        server.abort();
        assert_eq!(client.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        // Without unread bytes it can only be an end of file.
        let (mut client, server) = connection(&*listener).await;
        server.abort();
        assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(client.write_all(b"x").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_connection_changes_worker_and_keeps_its_counters() {
    let (client, incoming) = run(async {
        let listener = bind(&named(&unique_name(), true)).socket.listen().unwrap();
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"here").await;
        (client.detach().unwrap(), server.detach().unwrap())
    });
    let worker = std::thread::spawn(move || {
        run(async {
            let mut server = incoming.into_stream().unwrap();
            let mut read = [0; 5];
            server.read_exact(&mut read).await.unwrap();
            server.write_all(&read).await.unwrap();
            server.info()
        })
    });
    let client = run(async {
        let mut stream = client.into_stream().unwrap();
        stream.write_all(b"there").await.unwrap();
        let mut read = [0; 5];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"there");
        stream.detach().unwrap()
    });
    assert!(client.into_stream().is_err(), "there is no runtime here");
    let info = worker.join().unwrap();
    assert_eq!((info.paths[0].bytes_received, info.paths[0].bytes_sent), (9, 5));
}

#[test]
fn info_has_the_path_and_the_credentials_of_the_peer() {
    let dir = Directory::new();
    run(async {
        let listener = bind(&at(&dir.path("socket"))).socket.listen().unwrap();
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"12345").await;
        let info = server.info();
        assert_eq!((info.transport, &info.state, info.paths.len()), ("unix", &State::Native, 1));
        assert_eq!((info.paths[0].bytes_received, info.paths[0].rtt), (5, None));
        assert_eq!(info.paths[0].local, at(&dir.path("socket")));
        let pid = Value::Integer(std::process::id().into());
        assert_eq!((info.extra("peer_pid"), client.info().extra("peer_pid")), (Some(&pid), Some(&pid)));
        assert!(info.extra("peer_uid").is_some() && info.extra("peer_gid").is_some());
        assert_eq!(server.original_dst(), None);
        let keepalive = server.set_option(&SocketOption::KeepAlive).unwrap();
        assert!(matches!(keepalive, Support::Unsupported(Lack::Protocol(_))), "{keepalive:?}");
        assert_eq!(server.set_option(&SocketOption::SendBuffer(8192)).unwrap(), Support::Supported);
    });
}

#[test]
fn bytes_are_spliced_from_one_connection_to_another() {
    run(async {
        let listener = bind(&named(&unique_name(), false)).socket.listen().unwrap();
        let (mut source, from) = connection(&*listener).await;
        let (to, mut sink) = connection(&*listener).await;
        let (read, write) = io::pipe().unwrap();
        source.write_all(b"spliced").await.unwrap();
        let moved = splice(&*from, &*to, &read, &write).await;
        let mut text = [0; 7];
        sink.read_exact(&mut text).await.unwrap();
        assert_eq!((moved, &text), (7, b"spliced"));
        assert_eq!(from.info().paths[0].bytes_received, 7);
        assert_eq!(to.info().paths[0].bytes_sent, 7);
    });
}

async fn splice(from: &dyn Stream, to: &dyn Stream, read: &io::PipeReader, write: &io::PipeWriter) -> usize {
    let (from, to) = (from.splice_read().unwrap(), to.splice_write().unwrap());
    loop {
        poll_fn(|cx| from.poll_readable(cx)).await.unwrap();
        match from.try_read_with(&mut || splice_once(from.fd(), write)) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    poll_fn(|cx| to.poll_writable(cx)).await.unwrap();
    to.try_write_with(&mut || splice_once(read, to.fd())).unwrap()
}

#[allow(unsafe_code, reason = "the crate under test does not splice, its users do")]
fn splice_once(from: impl std::os::fd::AsFd, to: impl std::os::fd::AsFd) -> io::Result<usize> {
    use std::os::fd::AsRawFd;
    let (from, to) = (from.as_fd().as_raw_fd(), to.as_fd().as_raw_fd());
    let none = std::ptr::null_mut();
    // SAFETY: both descriptors are borrowed for the call, and no offsets are given.
    let moved = unsafe { libc::splice(from, none, to, none, 65536, libc::SPLICE_F_NONBLOCK) };
    usize::try_from(moved).map_err(|_| io::Error::last_os_error())
}

#[test]
fn a_missing_listener_refuses_and_a_full_backlog_waits_for_room() {
    let dir = Directory::new();
    run(async {
        let address = at(&dir.path("unbound"));
        let unbound = connector(&address);
        let error = unbound.connect(&Target::new(address)).await.unwrap_err();
        assert_eq!(error.failure(), ConnectFailure::Refused);

        let mut spec = proto_core::spec::BindSpec::new(at(&dir.path("full")));
        spec.settings.options.set(SocketOption::Backlog(1));
        let listener = common::try_bind(spec).unwrap().socket.listen().unwrap();
        let (target, full) = (Target::new(listener.local_addr().clone()), connector(listener.local_addr()));
        let mut inside = Vec::new();
        let error = loop {
            match connect_within(&*full, &target, Duration::from_millis(50)).await {
                Ok(stream) => inside.push(stream),
                Err(error) => break error,
            }
        };
        assert_eq!(error.failure(), ConnectFailure::TimedOut);
        assert!(inside.len() <= 2);
        let (waited, _) = tokio::join!(full.connect(&target), async {
            // By now the other future has been polled once: it waits.
            tokio::task::yield_now().await;
            accept(&*listener).await.unwrap()
        });
        waited.unwrap();
    });
}

#[test]
fn refusing_new_keeps_the_queue_and_does_not_spin() {
    run(async {
        let bound = bind(&named(&unique_name(), false));
        assert!(bound.socket.suspend().is_ok(), "it does not listen yet");
        let other = bound.socket.try_clone().unwrap();
        let (listener, other) = (bound.socket.listen().unwrap(), other.listen().unwrap());
        let (target, connects) =
            (Target::new(listener.local_addr().clone()), connector(listener.local_addr()));
        let _inside = connects.connect(&target).await.unwrap();
        assert!(listener.refuse_new());
        assert_eq!(connects.connect(&target).await.unwrap_err().failure(), ConnectFailure::Refused);
        accept(&*other).await.unwrap();
        for listener in [&listener, &other] {
            let pending = poll_fn(|cx| Poll::Ready(listener.poll_accept(cx).is_pending())).await;
            assert!(pending);
        }
    });
}
