//! Detaching a connection in use, and bytes that arrived before they could be read.

use super::super::bytes::{pattern, receive, send};
use super::super::harness::{block_on, step};
use super::super::listening::Listening;
use super::super::{Ended, Subject};
use crate::stream::Stream;

/// A number of bytes that any transport holds without a reader.
const WAITING: usize = 24 * 1024;

/// The lengths of reads and writes between two detaches: none is a multiple of another.
const LENGTHS: [usize; 6] = [1, 7, 101, 1009, 4099, 10_007];

fn moved(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    stream.detach().expect("it detaches").into_stream().expect("it registers")
}

pub(super) fn detach_after_a_partial_read(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    let bytes = pattern(WAITING);
    block_on(async {
        for by_client in [true, false] {
            let (client, server) = listening.pair(subject).await;
            let (who, mut mover, mut other) =
                if by_client { ("client", client, server) } else { ("server", server, client) };
            send(&mut other, bytes).await;
            let mut got = Vec::new();
            for length in LENGTHS {
                step(format!("the {who} reads {length} of the bytes that wait, and is detached"));
                got.extend(receive(&mut mover, length).await);
                mover = moved(mover);
            }
            step(format!("the {who} reads the rest"));
            got.extend(receive(&mut mover, bytes.len() - got.len()).await);
            assert!(got == bytes, "the {who} read other bytes than were sent, with detaches in between");

            let mut rest = bytes;
            for length in LENGTHS {
                step(format!("the {who} writes {length} bytes, and is detached"));
                send(&mut mover, &rest[..length]).await;
                rest = &rest[length..];
                mover = moved(mover);
            }
            step(format!("the peer of the {who} reads everything"));
            send(&mut mover, rest).await;
            let got = receive(&mut other, bytes.len()).await;
            assert!(got == bytes, "the peer read other bytes than the {who} wrote, with detaches in between");
        }
    });
    Ended::Passed
}

pub(super) fn early_bytes_are_kept(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    let bytes = pattern(WAITING);
    block_on(async {
        step("connect, write, and only then accept");
        let (mut client, incoming) = tokio::join!(listening.connect(subject), listening.accept());
        send(&mut client, bytes).await;
        let mut server = incoming.into_stream().expect("it registers");
        step("read what was there before the connection was registered");
        assert!(
            receive(&mut server, bytes.len()).await == bytes,
            "bytes that were sent early arrived changed"
        );
        step("detach while bytes wait");
        send(&mut client, bytes).await;
        let mut server = moved(server);
        assert!(
            receive(&mut server, bytes.len()).await == bytes,
            "bytes that waited during the detach arrived changed"
        );
    });
    Ended::Passed
}
