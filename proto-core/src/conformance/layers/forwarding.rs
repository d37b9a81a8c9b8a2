//! What a layer reports and what it passes on.

use std::task::{Context, Poll, Waker};

use super::super::Ended;
use super::super::bytes::{receive, send};
use super::super::harness::{block_on, step};
use super::super::stub::original;
use super::talk::Pair;
use super::{LayerSubject, LayerTrait};
use crate::info::PathEvent;
use crate::memory::address;
use crate::options::SocketOption;
use crate::stream::{Stream, Support};

pub(super) fn info_names_the_layer(subject: &LayerSubject) -> Ended {
    block_on(async {
        let Pair { mut client, mut server, .. } = Pair::new(subject).await;
        let names = [(subject.connecting.name(), "client"), (subject.accepting.name(), "server")];
        for turn in ["at first", "after bytes", "after a detach"] {
            for ((name, who), stream) in names.iter().zip([&client, &server]) {
                step(format!("info() of the {who} {turn}"));
                let info = stream.info();
                assert_eq!(info.transport, "memory", "the transport below");
                match subject.lacks(LayerTrait::Touching) {
                    None => assert_eq!(info.layers, [*name], "the layers that change bytes"),
                    // Bytes that its handshake has read ahead are read first; then the layer is no longer involved.
                    Some(_) if turn == "at first" => {}
                    Some(_) => assert!(
                        info.layers.is_empty(),
                        "it no longer changes bytes, but is listed: {:?}",
                        info.layers
                    ),
                }
            }
            send(&mut client, b"question").await;
            assert_eq!(receive(&mut server, 8).await, b"question");
            send(&mut server, b"answer").await;
            assert_eq!(receive(&mut client, 6).await, b"answer");
            if turn == "after bytes" {
                client = client.detach().expect("it detaches").into_stream().expect("it registers");
                server = server.detach().expect("it detaches").into_stream().expect("it registers");
            }
        }
    });
    Ended::Passed
}

pub(super) fn every_call_is_forwarded(subject: &LayerSubject) -> Ended {
    block_on(async {
        let Pair { client, server, client_end, server_end } = Pair::new(subject).await;
        for (who, stream, end, local, peer) in [
            ("client", client, client_end, "client", "server"),
            ("server", server, server_end, "server", "client"),
        ] {
            step(format!("the addresses of the {who}"));
            assert_eq!((stream.local_addr(), stream.peer_addr()), (address(local), address(peer)));
            step(format!("set_option of the {who}"));
            let support = stream.set_option(&SocketOption::KeepAlive);
            assert!(matches!(support, Ok(Support::Partly(_))), "the answer became {support:?}");
            step(format!("original_dst of the {who}"));
            assert_eq!(stream.original_dst(), Some(original()), "its answer is lost");
            step(format!("has_ended of the {who}"));
            assert!(stream.has_ended(), "its answer is lost");
            step(format!("path_events of the {who}"));
            let mut cx = Context::from_waker(Waker::noop());
            let event = stream.path_events().map(|events| events.poll_event(&mut cx));
            assert!(
                matches!(event, Some(Poll::Ready(PathEvent::Down { id: 7, .. }))),
                "its answer is lost: {event:?}"
            );
            spliced(subject, who, &*stream, &end.calls);
            step(format!("detach the {who}"));
            let incoming = stream.detach().expect("it detaches");
            assert_eq!(incoming.peer_addr(), &address(peer), "the peer of a detached connection");
            drop(incoming.into_stream().expect("it registers"));
            assert!(end.seen().closed, "the stream below is still open");
        }
    });
    Ended::Passed
}

/// Checks that the stream below is asked for its splice ends only by a layer that no longer changes bytes.
fn spliced(subject: &LayerSubject, who: &str, stream: &dyn Stream, calls: &super::super::stub::Calls) {
    let changes = subject.lacks(LayerTrait::Touching).is_none();
    step(format!("splice_read of the {who}"));
    assert!(stream.splice_read().is_none(), "the stream below offers none");
    let asked = calls.has("splice_read");
    assert!(!(changes && asked), "bytes that it changes could be spliced past it");
    step(format!("splice_write of the {who}"));
    assert!(stream.splice_write().is_none(), "the stream below offers none");
    let asked = calls.has("splice_write");
    assert!(!(changes && asked), "bytes that it changes could be spliced past it");
}
