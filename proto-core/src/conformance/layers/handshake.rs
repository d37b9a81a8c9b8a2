//! Handshakes that fail: cut off, invalid, and with a peer that stops.

use std::future::Future;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::super::Ended;
use super::super::bytes::pattern;
use super::super::harness::{block_on, step};
use super::framing::undisturbed;
use super::talk::{Pair, Received, accept, connect, places, question, read_all, talk};
use super::wire::{End, Plan, Stop, wires};
use super::{LayerSubject, LayerTrait};

/// How long a case waits before it concludes that nothing happens.
const QUIET: Duration = Duration::from_millis(15);

/// The most reads that a layer may attempt on a stream that has no bytes, without being woken.
const TRIES: usize = 8;

pub(super) fn a_cut_off_handshake_is_an_error(subject: &LayerSubject) -> Ended {
    let whole = undisturbed(subject);
    let (asked, answered) = (whole.boundaries[0], whole.server_handshake);
    assert!(asked + answered > 0, "neither side sends anything in its handshake");
    for at in places(asked) {
        step(format!("cut the client's handshake off after {at} of {asked} bytes"));
        let plan = Plan { stop: Some((at, Stop::End)), ..Plan::PLAIN };
        let cut = block_on(talk(subject, Plan::PLAIN, plan));
        assert!(cut.server.is_err(), "the handshake of the server succeeds");
    }
    for at in places(answered) {
        step(format!("cut the server's handshake off after {at} of {answered} bytes"));
        let plan = Plan { stop: Some((at, Stop::End)), ..Plan::PLAIN };
        let cut = block_on(talk(subject, plan, Plan::PLAIN));
        // A side that does not wait for its peer's handshake finds out when it reads.
        let failed = matches!(&cut.client, Err(_) | Ok(Received { end: Err(_), .. }));
        assert!(failed, "the client sees an orderly end");
    }
    Ended::Passed
}

pub(super) fn junk_is_an_error(subject: &LayerSubject) -> Ended {
    let framing = subject.lacks(LayerTrait::Framing).is_none();
    let handshake = subject.lacks(LayerTrait::Handshake).is_none();
    if !framing && !handshake {
        return Ended::DoesNotApply("without a handshake and frames, all bytes are valid".to_owned());
    }
    let whole = undisturbed(subject);
    let client_reads_one = whole.server_handshake > 0;
    let junk: [(&str, Vec<u8>); 5] = [
        ("zeros", vec![0; 3000]),
        ("ones", vec![0xff; 3000]),
        ("random bytes", pattern(3000).to_vec()),
        ("an HTTP request", b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".repeat(50)),
        (
            "a TLS handshake",
            [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(), pattern(600)].concat(),
        ),
    ];
    // A frame without bytes may well consist of zeros.
    for (what, junk) in junk.iter().skip(usize::from(!handshake)) {
        for ends in [true, false] {
            let how = if ends { "and an end of file" } else { "and silence" };
            block_on(async {
                step(format!("the server reads {what} {how}"));
                let ((mut client, _), (server, end)) = wires(Plan::PLAIN, Plan::PLAIN);
                client.write_all(junk).await.expect("memory takes it");
                if ends {
                    client.shutdown().await.expect("memory shuts down");
                }
                let reads = async { judge(accept(subject, server).await, handshake).await };
                judged(outcome(reads, ends).await, end.seen().silent);

                if client_reads_one || framing {
                    step(format!("the client reads {what} {how}"));
                    let ((client, end), (mut server, _)) = wires(Plan::PLAIN, Plan::PLAIN);
                    server.write_all(junk).await.expect("memory takes it");
                    if ends {
                        server.shutdown().await.expect("memory shuts down");
                    }
                    let reads = async { judge(connect(subject, client).await, false).await };
                    judged(outcome(reads, ends).await, end.seen().silent);
                }
            });
        }
    }
    Ended::Passed
}

/// Returns an error if junk was accepted as valid.
async fn judge<E>(stream: Result<Box<dyn crate::stream::Stream>, E>, handshake: bool) -> Result<(), String> {
    let Ok(mut stream) = stream else { return Ok(()) };
    if handshake {
        return Err("the handshake succeeds".to_owned());
    }
    match read_all(&mut stream).await {
        Received { end: Err(_), .. } => Ok(()),
        Received { bytes, .. } => Err(format!("{} bytes are read and an orderly end", bytes.len())),
    }
}

/// Returns the outcome of reading junk. After an end of file there must be one; without it the layer may still wait.
async fn outcome(judgement: impl Future<Output = Result<(), String>>, ends: bool) -> Result<(), String> {
    if ends { judgement.await } else { timeout(QUIET, judgement).await.unwrap_or(Ok(())) }
}

fn judged(judgement: Result<(), String>, silent: usize) {
    if let Err(why) = judgement {
        panic!("{why}");
    }
    assert!(silent <= TRIES, "while the peer is silent it reads {silent} times: it spins");
}

/// Returns the output of a future, or `None` once the peer has been silent for a while.
async fn settled<T>(end: &End, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    loop {
        match timeout(QUIET, work.as_mut()).await {
            Ok(output) => return Some(output),
            Err(_) if end.seen().silent > 0 => return None,
            Err(_) => {}
        }
    }
}

pub(super) fn a_peer_that_stops_is_waited_for(subject: &LayerSubject) -> Ended {
    let whole = undisturbed(subject);
    // As many places as take little time, since each is waited for.
    let few = |length: usize| (0..length).step_by(length / 8 + 1);
    for at in few(whole.boundaries[0]) {
        step(format!("the client stops after {at} bytes of its handshake"));
        let plan = Plan { stop: Some((at, Stop::Silence)), ..Plan::PLAIN };
        let ((client, _), (server, end)) = wires(Plan::PLAIN, plan);
        block_on(async {
            let both = async { tokio::join!(connect(subject, client), accept(subject, server)) };
            if let Some((_, Ok(_server))) = settled(&end, both).await {
                panic!("the handshake of the server succeeds");
            }
        });
        stopped(&end);
    }
    for at in few(whole.server_handshake) {
        step(format!("the server stops after {at} bytes of its handshake"));
        let plan = Plan { stop: Some((at, Stop::Silence)), ..Plan::PLAIN };
        let ((client, end), (server, _)) = wires(plan, Plan::PLAIN);
        block_on(async {
            let both = async { tokio::join!(connect(subject, client), accept(subject, server)) };
            settled(&end, both).await;
        });
        stopped(&end);
    }
    for at in few(whole.to_server).filter(|at| *at > whole.boundaries[0]) {
        step(format!("the client stops after {at} of {} bytes", whole.to_server));
        let plan = Plan { stop: Some((at, Stop::Silence)), ..Plan::PLAIN };
        block_on(async {
            let Pair { mut client, mut server, server_end, .. } =
                Pair::with(subject, Plan::PLAIN, plan).await;
            client.write_all(question()).await.expect("it writes");
            client.flush().await.expect("it flushes");
            let mut bytes = Vec::new();
            let read = tokio::io::AsyncReadExt::read_to_end(&mut server, &mut bytes);
            if let Some(result) = settled(&server_end, read).await {
                panic!("the peer is silent, and reading ends with {result:?}");
            }
            assert!(question().starts_with(&bytes), "{} bytes arrived changed", bytes.len());
            drop(server);
            stopped(&server_end);
        });
    }
    Ended::Passed
}

/// Checks that a side which waited for a silent peer did not spin, and closed the stream below when it was dropped.
fn stopped(end: &End) {
    let seen = end.seen();
    assert!(seen.silent <= TRIES, "while the peer is silent it reads {} times: it spins", seen.silent);
    assert!(seen.closed, "the stream below is not closed when the wait is dropped");
}
