//! Bytes arrive, whole and in order, over every transport; each direction ends by itself.

mod common;

use common::{ALL, Transport, all, connection, content, exchange, run, wired};
use proto_core::info::State;
use proxy_relay::{Control, Ended, RelayTimeouts, Scratch, Side};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BULK: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn sizes_arrive_both_ways_at_once() {
    for transport in ALL {
        for (up, down) in [(0, 0), (1, 0), (0, 1), (1, 1), (BULK, 1), (1, BULK), (BULK, BULK)] {
            let scratch = Scratch::default();
            let control = Control::new();
            let wired = wired(transport, transport).await;
            let (request, response) = (content(1, up), content(2, down));
            let (outcome, at_client, at_server) = tokio::join!(
                run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
                exchange(wired.client, &request),
                exchange(wired.server, &response),
            );
            let case = format!("{transport:?} {up} {down}");
            assert!(at_server == request && at_client == response, "{case}");
            assert!(matches!(outcome.ended, Ended::Fin { .. }), "{case}: {outcome:?}");
            for (direction, length) in [(outcome.to_server, up as u64), (outcome.to_client, down as u64)] {
                assert_eq!((direction.bytes, direction.delivered), (length, length), "{case}");
                assert_eq!(direction.first_byte.is_some(), length > 0, "{case}");
                assert!(direction.fin.is_some(), "{case}");
            }
            assert_eq!(control.bytes_to_server(), up as u64);
            assert_eq!(control.bytes_to_client(), down as u64);
            assert_eq!(scratch.kept(), 0, "{case}");
            let pipes = scratch.pipe_statistics();
            assert_eq!(pipes.open, pipes.idle, "{case}: an empty pipe is returned");
        }
    }
}

#[tokio::test]
async fn transports_mix() {
    for (front, back) in [(Transport::Mptcp, Transport::Tcp), (Transport::Tcp, Transport::Memory)] {
        let (scratch, control) = (Scratch::default(), Control::new());
        let wired = wired(front, back).await;
        // Where the kernel has no MPTCP this is TCP, and may splice.
        let native = wired.inner_client.info().state == State::Native;
        let (request, response) = (content(1, BULK), content(2, BULK));
        let (outcome, at_client, at_server) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
            exchange(wired.client, &request),
            exchange(wired.server, &response),
        );
        assert!(at_server == request && at_client == response);
        assert!(!native || outcome.to_server.spliced + outcome.to_client.spliced == 0);
    }
}

#[tokio::test]
async fn a_half_close_is_passed_on_and_the_other_direction_goes_on() {
    for transport in ALL {
        for first in [Side::Client, Side::Server] {
            let (scratch, control) = (Scratch::default(), Control::new());
            let wired = wired(transport, transport).await;
            let (mut closer, mut other) = match first {
                Side::Client => (wired.client, wired.server),
                Side::Server => (wired.server, wired.client),
            };
            let late = content(3, 1024 * 1024);
            let peers = async {
                closer.write_all(b"first").await.expect("open");
                closer.shutdown().await.expect("open");
                assert_eq!(all(&mut other).await, b"first");
                // Only now, with one direction closed from end to end, does the other one begin.
                let (sent, received) = tokio::join!(
                    async {
                        other.write_all(&late).await?;
                        other.shutdown().await
                    },
                    all(&mut closer)
                );
                sent.expect("still open this way");
                assert!(received == late);
            };
            let (outcome, ()) = tokio::join!(
                run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
                peers
            );
            assert!(matches!(outcome.ended, Ended::Fin { first: who } if who == first), "{outcome:?}");
            assert_eq!(outcome.first_fin(), Some(first));
        }
    }
}

#[tokio::test]
async fn single_bytes_pass_without_waiting_for_more() {
    for transport in ALL {
        let (scratch, control) = (Scratch::default(), Control::new());
        let mut wired = wired(transport, transport).await;
        let peers = async {
            for byte in 0..=255u8 {
                wired.client.write_all(&[byte]).await.expect("open");
                assert_eq!(wired.server.read_u8().await.expect("open"), byte);
                wired.server.write_all(&[!byte]).await.expect("open");
                assert_eq!(wired.client.read_u8().await.expect("open"), !byte);
            }
            drop((wired.client, wired.server));
        };
        let (outcome, ()) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
            peers
        );
        assert_eq!((outcome.to_server.bytes, outcome.to_client.bytes), (256, 256));
    }
}

#[tokio::test]
async fn the_streams_can_still_be_asked_afterwards() {
    let (client, mut inner_client) = connection(Transport::Tcp).await;
    let (mut inner_server, server) = connection(Transport::Tcp).await;
    drop((client, server));
    let (scratch, control) = (Scratch::default(), Control::new());
    let limits = RelayTimeouts::default();
    proxy_relay::relay(&mut *inner_client, &mut *inner_server, &limits, &scratch, &control, None).await;
    assert_eq!(inner_client.info().transport, "tcpv4");
}
