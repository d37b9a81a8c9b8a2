//! The facts that a connection reports about itself.

use std::io::IoSlice;

use tokio::io::AsyncWriteExt;

use super::super::bytes::{pattern, receive, send, write_vectored};
use super::super::harness::{block_on, step};
use super::super::listening::Listening;
use super::super::{Ended, Subject, Trait};
use super::relay::relay;
use crate::info::State;
use crate::stream::Stream;

pub(super) fn info_describes_the_connection(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (mut client, mut server) = listening.pair(subject).await;
        send(&mut client, pattern(1000)).await;
        receive(&mut server, 1000).await;
        send(&mut server, b"!").await;
        receive(&mut client, 1).await;
        described(subject, "client", &*client);
        described(subject, "server", &*server);
        step("detach both and register them again");
        let client = client.detach().expect("it detaches").into_stream().expect("it registers");
        let server = server.detach().expect("it detaches").into_stream().expect("it registers");
        described(subject, "client after a detach", &*client);
        described(subject, "server after a detach", &*server);
        assert_eq!(client.peer_addr(), listening.address);
        assert_eq!(server.local_addr(), listening.bound);
    });
    Ended::Passed
}

fn described(subject: &Subject, end: &str, stream: &dyn Stream) {
    step(format!("info() of the {end}"));
    let info = stream.info();
    assert_eq!(info.transport, subject.name(), "the name of the protocol");
    assert_eq!(info.state, State::Native, "{info:?}");
    assert_eq!(stream.carriers(), info.clone().into(), "carriers() and info() of one connection");
    if subject.lacks(Trait::Paths).is_none() {
        let [path] = info.paths.as_slice() else {
            panic!("one path was expected (a transport without: `.without(Trait::Paths, \"why\")`): {info:?}")
        };
        assert_eq!(
            (&path.local, &path.remote),
            (&stream.local_addr(), &stream.peer_addr()),
            "the ends of the path"
        );
    }
}

/// Returns the bytes that the paths of a connection sent and received.
fn counted(stream: &dyn Stream) -> (u64, u64) {
    let paths = stream.info().paths;
    (paths.iter().map(|path| path.bytes_sent).sum(), paths.iter().map(|path| path.bytes_received).sum())
}

/// Checks that a count is about this number of bytes. On this machine, a transport's own bytes and retransmissions are
/// few.
fn expect_about(what: &str, count: u64, bytes: usize) {
    let bytes = bytes as u64;
    let about = bytes - bytes / 8..=bytes + bytes / 4;
    assert!(about.contains(&count), "{what}: {count} bytes were counted, {bytes} were moved");
}

pub(super) fn paths_count_their_bytes(subject: &Subject) -> Ended {
    if let Some(why) = subject.lacks(Trait::Paths) {
        return Ended::DoesNotApply(why.to_owned());
    }
    const MANY: usize = 2 << 20;
    let bytes = pattern(MANY);
    let listening = Listening::start(subject);
    block_on(async {
        let (mut client, mut server) = listening.pair(subject).await;
        step(format!("send {MANY} bytes up and a tenth of them down"));
        let _ = tokio::join!(send(&mut client, bytes), receive(&mut server, MANY));
        let _ = tokio::join!(send(&mut server, &bytes[..MANY / 10]), receive(&mut client, MANY / 10));
        let expect = |what: &str, client: &dyn Stream, server: &dyn Stream, up: usize, down: usize| {
            step(format!("compare the counters {what}"));
            expect_about("sent by the client", counted(client).0, up);
            expect_about("received by the server", counted(server).1, up);
            expect_about("sent by the server", counted(server).0, down);
            expect_about("received by the client", counted(client).1, down);
        };
        expect("of plain reads and writes", &*client, &*server, MANY, MANY / 10);

        let mut client = client.detach().expect("it detaches").into_stream().expect("it registers");
        let mut server = server.detach().expect("it detaches").into_stream().expect("it registers");
        expect("after a detach", &*client, &*server, MANY, MANY / 10);

        step(format!("send {MANY} bytes in slices"));
        let in_slices = async {
            let mut left = bytes;
            while !left.is_empty() {
                let (one, two) = left.split_at(left.len() / 2);
                let written = write_vectored(&mut *client, &[IoSlice::new(one), IoSlice::new(two)]).await;
                left = &left[written..];
            }
            client.flush().await.expect("it flushes");
        };
        let _ = tokio::join!(in_slices, receive(&mut server, MANY));
        expect("of writes in slices", &*client, &*server, 2 * MANY, MANY / 10);

        step(format!("relay {MANY} bytes, spliced where it is offered"));
        let (mut origin, mut from) = listening.pair(subject).await;
        let (mut to, mut last) = listening.pair(subject).await;
        let source = async {
            send(&mut origin, bytes).await;
            origin.shutdown().await.expect("it shuts down");
        };
        let _ = tokio::join!(source, relay(&mut from, &mut to, true, true), receive(&mut last, MANY));
        step("compare the counters of the relay");
        expect_about("received by the relay", counted(&*from).1, MANY);
        expect_about("sent by the relay", counted(&*to).0, MANY);
    });
    Ended::Passed
}
