//! A gate decides about everything that a server sends first, however the connections end meanwhile.

mod common;

use std::future::Future as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::task::{Context, Poll};
use std::time::Duration;

use common::{ALL, BoxedStream, Transport, all, content, wired};
use proto_core::kernel::Kernel;
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_relay::{
    Closing, Control, Ended, Gate, HeldBytes, Outcome, Passage, RelayTimeouts, Scratch, Side, SideTimeouts,
    relay,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LIMIT: usize = 16 * 1024;

/// Refuses what begins with `SECRET`, once there are `wanted` bytes or no more can come.
struct Judge {
    wanted: usize,
}

impl Gate for Judge {
    fn poll_decide(&mut self, _: &mut Context<'_>, held: &HeldBytes<'_>) -> Poll<Passage> {
        if held.may_grow && held.bytes.len() < self.wanted {
            return Poll::Pending;
        }
        Poll::Ready(match held.bytes.starts_with(b"SECRET") {
            true => Passage::Refused(Closing::Orderly),
            false => Passage::Open,
        })
    }
}

/// Relays past a gate until the relay ends, and closes the inner ends as the outcome demands.
async fn run(
    mut client: BoxedStream,
    mut server: BoxedStream,
    limits: RelayTimeouts,
    control: &Control,
    wanted: usize,
) -> Outcome {
    let scratch = Scratch::default();
    let mut judge = Judge { wanted };
    let outcome =
        relay(&mut *client, &mut *server, &limits, &scratch, control, Some((&mut judge, LIMIT))).await;
    outcome.close(client, server);
    outcome
}

/// Has a server respond and close with unread bytes while the client sends more, so that the relay's next turn finds the
/// response and the reset and the runtime has seen neither. Returns the outcome and what the client receives.
async fn responds_unseen_before_a_failed_write(response: &[u8], wanted: usize) -> (Outcome, Vec<u8>) {
    let (scratch, control, limits) = (Scratch::default(), Control::new(), RelayTimeouts::default());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("it binds");
    let address = listener.local_addr().expect("an address");
    let connector =
        proto_tcp::tcp4().connector(ServerSpec::new(address), &Kernel::detect()).expect("a connector");
    let mut inner_server = connector.connector.connect(&Target::new(address)).await.expect("it connects");
    let (mut server, _) = listener.accept().expect("it accepts");
    let (mut client, mut inner_client) =
        proto_core::memory::pair(proto_core::memory::address("client"), proto_core::memory::address("proxy"));
    client.write_all(&[7; 1000]).await.expect("open");
    let mut judge = Judge { wanted };
    let mut relay = Box::pin(relay(
        &mut inner_client,
        &mut *inner_server,
        &limits,
        &scratch,
        &control,
        Some((&mut judge, LIMIT)),
    ));
    assert!(std::future::poll_fn(|cx| Poll::Ready(relay.as_mut().poll(cx))).await.is_pending());

    // From here to the end of the relay this task never waits, so the runtime does not poll for I/O either.
    server.read_exact(&mut [0]).expect("the first bytes");
    server.write_all(response).expect("open");
    drop(server);
    let mut written = std::pin::pin!(client.write_all(&[8; 1000]));
    assert!(std::future::poll_fn(|cx| Poll::Ready(written.as_mut().poll(cx))).await.is_ready());

    let outcome = relay.await;
    drop(inner_client);
    let mut client: Box<dyn Stream> = Box::new(client);
    (outcome, all(&mut client).await)
}

#[tokio::test]
async fn a_failed_write_to_the_server_lets_nothing_past_the_gate() {
    for wanted in [6, LIMIT] {
        let (outcome, received) = responds_unseen_before_a_failed_write(b"SECRET data", wanted).await;
        assert_eq!(received, b"", "{outcome:?}");
        assert!(matches!(outcome.ended, Ended::Refused { .. }), "{outcome:?}");
        assert_eq!((outcome.to_client.bytes, outcome.to_client.delivered), (11, 0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_response_before_a_failed_write_passes_the_gate_whole() {
    // Longer than what is held: the rest arrives at a gate that is open.
    let long = content(3, 2 * LIMIT);
    for (response, wanted) in [(&b"413 too large"[..], 6), (b"413 too large", LIMIT), (&long, LIMIT)] {
        let (outcome, received) = responds_unseen_before_a_failed_write(response, wanted).await;
        assert!(received == response, "{outcome:?}");
        assert!(outcome.ended.is_reset() && outcome.ended.by() == Some(Side::Server), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_a_server_sends_before_its_reset_is_decided_about() {
    for (response, passes) in [(&b"HARMLESS data"[..], true), (b"SECRET data", false)] {
        let control = Control::new();
        let mut wired = wired(Transport::Tcp, Transport::Tcp).await;
        wired.server.write_all(response).await.expect("open");
        let (outcome, received) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &control, LIMIT),
            async {
                while control.bytes_to_client() < response.len() as u64 {
                    tokio::task::yield_now().await;
                }
                wired.server.abort();
                all(&mut wired.client).await
            }
        );
        if passes {
            assert_eq!(received, response, "{outcome:?}");
            assert!(outcome.ended.is_reset() && outcome.ended.by() == Some(Side::Server), "{outcome:?}");
            assert_eq!(outcome.to_client.delivered, response.len() as u64);
        } else {
            assert_eq!(received, b"", "{outcome:?}");
            assert!(matches!(outcome.ended, Ended::Refused { .. }), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn the_end_of_the_server_is_the_last_moment_to_decide() {
    for transport in ALL {
        let control = Control::new();
        let mut wired = wired(transport, transport).await;
        let (outcome, received) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &control, LIMIT),
            async {
                wired.server.write_all(b"short").await.expect("open");
                wired.server.shutdown().await.expect("open");
                let received = all(&mut wired.client).await;
                wired.client.write_all(b"more").await.expect("the other direction goes on");
                wired.client.shutdown().await.expect("open");
                assert_eq!(all(&mut wired.server).await, b"more");
                received
            }
        );
        assert_eq!(received, b"short", "{transport:?}: {outcome:?}");
        assert!(matches!(outcome.ended, Ended::Fin { first: Side::Server }), "{transport:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_client_that_half_closes_still_receives_what_passes() {
    for transport in ALL {
        let control = Control::new();
        let mut wired = wired(transport, transport).await;
        let response = content(4, 3 * LIMIT);
        let (outcome, received) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &control, LIMIT),
            async {
                wired.client.write_all(b"request").await.expect("open");
                wired.client.shutdown().await.expect("open");
                assert_eq!(all(&mut wired.server).await, b"request");
                let (_, received) = tokio::join!(
                    async {
                        wired.server.write_all(&response).await.expect("open");
                        wired.server.shutdown().await.expect("open");
                    },
                    all(&mut wired.client)
                );
                received
            }
        );
        assert!(received == response, "{transport:?}: {outcome:?}");
        assert!(matches!(outcome.ended, Ended::Fin { first: Side::Client }), "{transport:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_client_that_resets_ends_the_relay_while_bytes_are_held() {
    for transport in ALL {
        let control = Control::new();
        let mut wired = wired(transport, transport).await;
        let (outcome, seen) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &control, LIMIT),
            async {
                wired.server.write_all(b"held").await.expect("open");
                while control.bytes_to_client() < 4 {
                    tokio::task::yield_now().await;
                }
                wired.client.abort();
                wired.server.read(&mut [0; 4]).await.map_err(|error| error.kind())
            }
        );
        let case = format!("{transport:?}: {outcome:?}");
        assert!(outcome.ended.is_reset() && outcome.ended.by() == Some(Side::Client), "{case}");
        assert_eq!((outcome.to_client.bytes, outcome.to_client.delivered), (4, 0), "{case}");
        assert_eq!(seen, Err(ErrorKind::ConnectionReset), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_silent_times_out_before_a_gate() {
    let control = Control::new();
    let mut wired = wired(Transport::Memory, Transport::Memory).await;
    let silence = Duration::from_secs(2);
    let limits = RelayTimeouts {
        server: SideTimeouts { inactivity: Some(silence), fin: None },
        ..RelayTimeouts::default()
    };
    let (outcome, received) =
        tokio::join!(run(wired.inner_client, wired.inner_server, limits, &control, LIMIT), async {
            wired.server.write_all(b"held").await.expect("open");
            all(&mut wired.client).await
        });
    assert!(matches!(outcome.ended, Ended::TimedOut { side: Side::Server, .. }), "{outcome:?}");
    assert_eq!(outcome.lasted.as_secs(), silence.as_secs());
    assert_eq!(received, b"");
}
