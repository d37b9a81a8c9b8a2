//! Everything arrives, in whatever pieces bytes are sent and read, and whenever a side ends.

mod common;

use common::{BoxedStream, Transport, content, run, wired};
use proptest::prelude::*;
use proxy_relay::{Control, Ended, RelayTimeouts, Scratch, ScratchConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What one peer does: the pieces it sends and the pieces it reads, each after a number of idle turns.
#[derive(Clone, Debug)]
struct Script {
    sends: Vec<(usize, u8)>,
    reads: Vec<(usize, u8)>,
    /// Whether it reads to the end before it sends anything.
    listens_first: bool,
}

fn script(largest: usize) -> impl Strategy<Value = Script> {
    let piece = || prop_oneof![1..32_usize, 1..largest];
    let steps = move |count| prop::collection::vec((piece(), 0..4_u8), count);
    (steps(0..12), steps(1..6), any::<bool>()).prop_map(|(sends, reads, listens_first)| Script {
        sends,
        reads,
        listens_first,
    })
}

async fn pause(turns: u8) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// Runs a script; returns what it received.
async fn play(stream: BoxedStream, script: &Script, bytes: &[u8]) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(stream);
    let send = async {
        let mut rest = bytes;
        for &(length, turns) in &script.sends {
            pause(turns).await;
            let (piece, more) = rest.split_at(length);
            write.write_all(piece).await.expect("the other side reads to the end");
            rest = more;
        }
        write.shutdown().await.expect("open");
    };
    let receive = async {
        let mut received = Vec::new();
        for &(length, turns) in script.reads.iter().cycle() {
            pause(turns).await;
            let mut piece = vec![0; length];
            match read.read(&mut piece).await.expect("ends in order") {
                0 => break,
                n => received.extend(&piece[..n]),
            }
        }
        received
    };
    if script.listens_first {
        let received = receive.await;
        send.await;
        received
    } else {
        tokio::join!(send, receive).1
    }
}

fn check(transport: Transport, mut client: Script, server: Script) -> Result<(), TestCaseError> {
    // Two peers that both read first would wait for each other without end, which is right and proves nothing.
    client.listens_first &= !server.listens_first;
    let total = |script: &Script| script.sends.iter().map(|(length, _)| length).sum();
    let (request, response) = (content(1, total(&client)), content(2, total(&server)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let scratch = Scratch::new(ScratchConfig { buffer: 64 * 1024, ..ScratchConfig::default() });
    let control = Control::new();
    let (outcome, at_client, at_server) = runtime.block_on(async {
        let wired = wired(transport, transport).await;
        tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
            play(wired.client, &client, &request),
            play(wired.server, &server, &response),
        )
    });
    prop_assert!(at_server == request && at_client == response);
    let in_order = matches!(outcome.ended, Ended::Fin { .. });
    prop_assert!(in_order, "{:?}", outcome.ended);
    prop_assert_eq!(outcome.to_server.delivered, request.len() as u64);
    prop_assert_eq!(outcome.to_client.delivered, response.len() as u64);
    prop_assert_eq!(scratch.kept(), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_memory(client in script(100_000), server in script(100_000)) {
        check(Transport::Memory, client, server)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_sockets_that_splice(client in script(600_000), server in script(600_000)) {
        check(Transport::Tcp, client, server)?;
    }
}
