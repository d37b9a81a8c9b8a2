//! How a relay ends and by which side: resets, timeouts, and the kill.

mod common;

use std::future::Future as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::task::Poll;
use std::time::Duration;

use common::{ALL, Transport, all, content, given_up, run, stuff, wired};
use proto_core::kernel::Kernel;
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_relay::{Closing, Control, Ended, RelayTimeouts, Scratch, Side, SideTimeouts, Timeout, relay};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

const SHORT: Duration = Duration::from_secs(2);
const MIDDLE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);

fn side(inactivity: Duration, fin: Option<Duration>) -> SideTimeouts {
    SideTimeouts { inactivity: Some(inactivity), fin }
}

#[tokio::test]
async fn a_reset_names_the_side_that_sent_it_and_reaches_the_other_one() {
    for transport in ALL {
        for from in [Side::Client, Side::Server] {
            let (scratch, control) = (Scratch::default(), Control::new());
            let mut wired = wired(transport, transport).await;
            let peers = async {
                // Both directions have carried bytes before.
                wired.client.write_all(b"ping").await.expect("open");
                wired.server.read_exact(&mut [0; 4]).await.expect("open");
                wired.server.write_all(b"pong").await.expect("open");
                wired.client.read_exact(&mut [0; 4]).await.expect("open");
                let mut other = match from {
                    Side::Client => {
                        wired.client.abort();
                        wired.server
                    }
                    Side::Server => {
                        wired.server.abort();
                        wired.client
                    }
                };
                other.read(&mut [0; 4]).await.map_err(|error| error.kind())
            };
            let (outcome, seen) = tokio::join!(
                run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
                peers
            );
            let case = format!("{transport:?} {from:?}: {outcome:?}");
            assert!(matches!(outcome.ended, Ended::Failed { side, .. } if side == from), "{case}");
            assert!(outcome.ended.is_reset(), "{case}");
            assert_eq!(outcome.ended.by(), Some(from), "{case}");
            match from {
                // A server must not take half a request for a whole one.
                Side::Client => assert_eq!(seen, Err(ErrorKind::ConnectionReset), "{case}"),
                Side::Server => assert_eq!(seen, Ok(0), "{case}"),
            }
        }
    }
}

#[tokio::test]
async fn what_was_sent_before_a_reset_is_delivered() {
    // Over the kernel's sockets: bytes that are there stay there for the reader.
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Tcp, Transport::Tcp).await;
    let response = content(5, 64 * 1024);
    wired.server.write_all(&response).await.expect("open");
    let (outcome, received) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        async {
            let mut received = vec![0; response.len()];
            wired.client.read_exact(&mut received).await.expect("delivered");
            wired.server.abort();
            // What a client sends to a server that is gone.
            let _ = wired.client.write_all(b"more").await;
            assert_eq!(all(&mut wired.client).await, b"");
            received
        }
    );
    assert!(received == response);
    assert_eq!(outcome.to_client.delivered, response.len() as u64);
    assert_eq!(outcome.ended.by(), Some(Side::Server));
}

#[tokio::test]
async fn a_response_that_arrived_unseen_before_a_failed_write_is_delivered() {
    // A server that responds early and closes with unread bytes: on the relay's next turn the response and the
    // reset are there, and the runtime has seen neither.
    let (scratch, control) = (Scratch::default(), Control::new());
    let (listener, address) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("it binds");
        let address = listener.local_addr().expect("an address");
        (listener, address)
    };
    let connector =
        proto_tcp::tcp4().connector(ServerSpec::new(address), &Kernel::detect()).expect("a connector");
    let mut inner_server = connector.connector.connect(&Target::new(address)).await.expect("it connects");
    let (mut server, _) = listener.accept().expect("it accepts");
    let (mut client, mut inner_client) =
        proto_core::memory::pair(proto_core::memory::address("client"), proto_core::memory::address("proxy"));
    client.write_all(&[7; 1000]).await.expect("open");
    let limits = RelayTimeouts::default();
    let mut relay = Box::pin(relay(&mut inner_client, &mut *inner_server, &limits, &scratch, &control, None));
    assert!(std::future::poll_fn(|cx| Poll::Ready(relay.as_mut().poll(cx))).await.is_pending());

    // From here to the end of the relay this task never waits, so the runtime does not poll for I/O either.
    server.read_exact(&mut [0]).expect("the first bytes");
    server.write_all(b"413 too large").expect("open");
    drop(server);
    let mut written = std::pin::pin!(client.write_all(&[8; 1000]));
    assert!(std::future::poll_fn(|cx| Poll::Ready(written.as_mut().poll(cx))).await.is_ready());

    let outcome = relay.await;
    assert!(outcome.ended.is_reset() && outcome.ended.by() == Some(Side::Server), "{outcome:?}");
    drop(inner_client);
    let mut client: Box<dyn Stream> = Box::new(client);
    assert_eq!(all(&mut client).await, b"413 too large");
}

#[tokio::test(start_paused = true)]
async fn an_idle_side_times_out_and_both_are_closed() {
    for (client, server, expected, after) in [
        (SHORT, LONG, Side::Client, SHORT),
        (LONG, SHORT, Side::Server, SHORT),
        (MIDDLE, MIDDLE, Side::Client, MIDDLE),
    ] {
        let (scratch, control) = (Scratch::default(), Control::new());
        let mut wired = wired(Transport::Memory, Transport::Memory).await;
        let limits = RelayTimeouts { client: side(client, None), server: side(server, None), tunnel: None };
        let begun = Instant::now();
        let (outcome, ()) =
            tokio::join!(run(wired.inner_client, wired.inner_server, limits, &scratch, &control), async {
                assert_eq!(all(&mut wired.client).await, b"");
                given_up(&mut wired.server).await;
            });
        assert!(
            matches!(outcome.ended, Ended::TimedOut { side, timeout: Timeout::Idle } if side == expected),
            "{outcome:?}"
        );
        assert_eq!(begun.elapsed().as_secs(), after.as_secs());
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_either_way_keep_both_sides_alive() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Memory, Transport::Memory).await;
    let limits = RelayTimeouts { client: side(MIDDLE, None), server: side(MIDDLE, None), tunnel: None };
    let begun = Instant::now();
    let (outcome, ()) =
        tokio::join!(run(wired.inner_client, wired.inner_server, limits, &scratch, &control), async {
            for _ in 0..10 {
                tokio::time::sleep(MIDDLE - SHORT).await;
                wired.server.write_all(b"x").await.expect("alive");
            }
            tokio::time::sleep(LONG).await;
            drop(wired.client);
        });
    assert!(matches!(outcome.ended, Ended::TimedOut { timeout: Timeout::Idle, .. }));
    assert_eq!(outcome.to_client.bytes, 10);
    assert_eq!(outcome.to_client.first_byte, Some(MIDDLE - SHORT));
    let alive = (MIDDLE - SHORT) * 10 + MIDDLE;
    assert_eq!(outcome.lasted.as_secs(), alive.as_secs());
    assert!(begun.elapsed() >= alive);
}

#[tokio::test(start_paused = true)]
async fn the_tunnel_limit_replaces_those_of_both_sides() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let wired = wired(Transport::Memory, Transport::Memory).await;
    let limits = RelayTimeouts { client: side(SHORT, None), server: side(SHORT, None), tunnel: Some(LONG) };
    let outcome = run(wired.inner_client, wired.inner_server, limits, &scratch, &control).await;
    assert_eq!(outcome.lasted.as_secs(), LONG.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_half_closed_side_has_a_limit_of_its_own() {
    for closer in [Side::Client, Side::Server] {
        let (scratch, control) = (Scratch::default(), Control::new());
        let mut wired = wired(Transport::Memory, Transport::Memory).await;
        let limits = RelayTimeouts {
            client: side(LONG, Some(SHORT)),
            server: side(LONG, Some(MIDDLE)),
            tunnel: Some(LONG),
        };
        let (outcome, ()) =
            tokio::join!(run(wired.inner_client, wired.inner_server, limits, &scratch, &control), async {
                tokio::time::sleep(SHORT).await;
                match closer {
                    Side::Client => wired.client.shutdown().await.expect("open"),
                    Side::Server => wired.server.shutdown().await.expect("open"),
                }
                tokio::join!(all(&mut wired.client), all(&mut wired.server));
            });
        // The relay waits for the side to which the other one's end of file was passed on.
        let (waited, limit) = match closer {
            Side::Client => (Side::Server, MIDDLE),
            Side::Server => (Side::Client, SHORT),
        };
        assert!(
            matches!(outcome.ended, Ended::TimedOut { side, timeout: Timeout::HalfClosed } if side == waited),
            "{outcome:?}"
        );
        assert_eq!(outcome.lasted.as_secs(), (SHORT + limit).as_secs());
        assert_eq!(outcome.first_fin(), Some(closer));
    }
}

#[tokio::test(start_paused = true)]
async fn a_side_that_takes_nothing_times_out_although_it_sends() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Memory, Transport::Memory).await;
    let limits = RelayTimeouts { client: side(MIDDLE, None), server: side(LONG, None), tunnel: None };
    let (outcome, ()) =
        tokio::join!(run(wired.inner_client, wired.inner_server, limits, &scratch, &control), async {
            stuff(&mut wired.server, || scratch.kept() > 0).await;
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if wired.client.write_all(b"still here").await.is_err() {
                    break;
                }
            }
        });
    assert!(
        matches!(outcome.ended, Ended::TimedOut { side: Side::Client, timeout: Timeout::Stalled }),
        "{outcome:?}"
    );
    assert_eq!(outcome.lasted.as_secs(), MIDDLE.as_secs());
    assert!(outcome.to_client.delivered < outcome.to_client.bytes);
    assert_eq!(scratch.kept(), 0, "what was kept for it is freed");
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_takes_nothing_does_not_time_its_sender_out() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Memory, Transport::Memory).await;
    // The server would be idle for far too long, if the relay waited for it.
    let limits = RelayTimeouts { client: side(LONG, None), server: side(SHORT, None), tunnel: None };
    let (outcome, ()) =
        tokio::join!(run(wired.inner_client, wired.inner_server, limits, &scratch, &control), async {
            stuff(&mut wired.server, || scratch.kept() > 0).await;
            tokio::time::sleep(MIDDLE).await;
            wired.client.read_exact(&mut [0; 32 * 1024]).await.expect("alive after the timeout");
            wired.server.shutdown().await.expect("alive");
            wired.client.shutdown().await.expect("alive");
            all(&mut wired.client).await;
        });
    assert!(matches!(outcome.ended, Ended::Fin { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_kill_ends_a_relay_that_waits_and_one_that_has_not_begun() {
    for transport in ALL {
        for before in [true, false] {
            let (scratch, control) = (Scratch::default(), Control::new());
            let mut wired = wired(transport, transport).await;
            if before {
                control.kill();
            }
            let (outcome, ()) = tokio::join!(
                run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
                async {
                    if !before {
                        wired.client.write_all(b"x").await.expect("open");
                        wired.server.read_u8().await.expect("open");
                        assert_eq!(control.bytes_to_server(), 1);
                        control.kill();
                    }
                    assert_eq!(all(&mut wired.client).await, b"");
                    given_up(&mut wired.server).await;
                }
            );
            assert!(matches!(outcome.ended, Ended::Killed));
            assert_eq!(outcome.closing(Side::Server), Closing::EndAndReset);
            assert_eq!(outcome.ended.by(), None);
        }
    }
}
