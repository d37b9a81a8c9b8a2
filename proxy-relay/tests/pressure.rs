//! Memory stays bounded, no session delays another, and splicing happens where it pays.

mod common;

use std::cell::Cell;

use common::{Transport, all, content, exchange, in_pipe, run, stuff, wired};
use proxy_relay::{
    Budget, Closing, Control, Ended, MemoryLimit, RelayTimeouts, Scratch, ScratchConfig, Side,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::LocalRuntime;

const BULK: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn what_is_kept_for_a_slow_reader_is_bounded() {
    for transport in [Transport::Memory, Transport::Mptcp] {
        let buffer = 128 * 1024;
        let scratch = Scratch::new(ScratchConfig { buffer, ..ScratchConfig::default() });
        let control = Control::new();
        let mut wired = wired(transport, transport).await;
        let (outcome, ()) = tokio::join!(
            run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
            async {
                let taken = stuff(&mut wired.server, || scratch.kept() > 0).await;
                assert!(scratch.kept() <= buffer, "{transport:?}: {}", scratch.kept());
                wired.server.shutdown().await.expect("open");
                wired.client.shutdown().await.expect("open");
                assert_eq!(all(&mut wired.client).await.len(), taken);
            }
        );
        assert!(matches!(outcome.ended, Ended::Fin { .. }));
        assert_eq!(scratch.kept(), 0, "and freed at the end");
    }
}

#[tokio::test]
async fn a_relay_ends_when_there_is_no_memory_for_what_is_not_taken() {
    let budget = Budget::new(Some(MemoryLimit { most: 0, allocated: || 1 }));
    let scratch = Scratch::limited(ScratchConfig::default(), budget);
    let control = Control::new();
    let mut wired = wired(Transport::Memory, Transport::Memory).await;
    let (outcome, ()) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        async {
            // What is taken at once needs no memory.
            wired.client.write_all(b"ping").await.expect("open");
            let mut taken = [0; 4];
            wired.server.read_exact(&mut taken).await.expect("open");
            // Nobody reads this.
            let stuffing = content(1, BULK);
            assert!(wired.server.write_all(&stuffing).await.is_err());
        }
    );
    assert!(matches!(outcome.ended, Ended::NoMemory), "{outcome:?}");
    assert_eq!([Side::Client, Side::Server].map(|side| outcome.closing(side)), [Closing::Reset; 2]);
    assert_eq!(scratch.kept(), 0);
}

#[tokio::test]
async fn many_slow_readers_share_a_bound() {
    let config = ScratchConfig { buffer: 1024 * 1024, kept: 256 * 1024, ..ScratchConfig::default() };
    let scratch = Scratch::new(config);
    let controls: Vec<Control> = (0..32).map(|_| Control::new()).collect();
    let relays = tokio::task::LocalSet::new();
    let (scratch, controls) = (std::rc::Rc::new(scratch), std::rc::Rc::new(controls));
    relays
        .run_until(async {
            let mut peers = Vec::new();
            for index in 0..controls.len() {
                let mut wired = wired(Transport::Mptcp, Transport::Mptcp).await;
                let handle = std::rc::Rc::clone(&scratch);
                let (scratch, controls) = (scratch.clone(), controls.clone());
                tokio::task::spawn_local(async move {
                    run(
                        wired.inner_client,
                        wired.inner_server,
                        RelayTimeouts::default(),
                        &scratch,
                        &controls[index],
                    )
                    .await
                });
                let before = handle.kept();
                stuff(&mut wired.server, || handle.kept() > before).await;
                peers.push((wired.client, wired.server));
            }
            // One read that began below the bound may exceed it; all further ones are small.
            let small = 16 * 1024;
            assert!(
                scratch.kept() <= config.kept + config.buffer + controls.len() * small,
                "{}",
                scratch.kept()
            );
        })
        .await;
}

#[test]
fn a_fast_pair_and_a_stuck_one_delay_no_other_pair() {
    let runtime = LocalRuntime::new().expect("a runtime");
    runtime.block_on(async {
        let scratch = std::rc::Rc::new(Scratch::default());
        let spawn = |inner_client, inner_server| {
            let scratch = std::rc::Rc::clone(&scratch);
            tokio::task::spawn_local(async move {
                run(inner_client, inner_server, RelayTimeouts::default(), &scratch, &Control::new()).await
            })
        };
        let mut stuck = wired(Transport::Tcp, Transport::Tcp).await;
        spawn(stuck.inner_client, stuck.inner_server);
        stuff(&mut stuck.server, || in_pipe(&scratch)).await;

        // Its client reads and its server writes without end, always ready: a relay that never yields would never
        // end.
        let mut fast = wired(Transport::Memory, Transport::Memory).await;
        spawn(fast.inner_client, fast.inner_server);
        let moved = std::rc::Rc::new(Cell::new(0_u64));
        let count = std::rc::Rc::clone(&moved);
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; 256 * 1024];
            loop {
                count.set(count.get() + fast.client.read(&mut buffer).await.expect("open") as u64);
            }
        });
        tokio::task::spawn_local(async move {
            let chunk = vec![1; 256 * 1024];
            loop {
                fast.server.write_all(&chunk).await.expect("open");
            }
        });

        let mut quiet = wired(Transport::Tcp, Transport::Tcp).await;
        spawn(quiet.inner_client, quiet.inner_server);
        let before = moved.get();
        for byte in 0..100 {
            quiet.client.write_all(&[byte]).await.expect("open");
            assert_eq!(quiet.server.read_u8().await.expect("open"), byte);
        }
        assert!(moved.get() > before, "the fast pair goes on as well");
        let per_round = (moved.get() - before) / 100;
        assert!(per_round < 64 * 1024 * 1024, "{per_round} bytes passed for each byte of the quiet pair");
    });
}

#[tokio::test]
async fn bulk_from_tcp_to_tcp_is_spliced() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let wired = wired(Transport::Tcp, Transport::Tcp).await;
    let (request, response) = (content(1, BULK + 1), content(2, BULK + 4097));
    let (outcome, at_client, at_server) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        exchange(wired.client, &request),
        exchange(wired.server, &response),
    );
    assert!(at_server == request && at_client == response);
    for direction in [outcome.to_server, outcome.to_client] {
        assert!(direction.spliced > BULK as u64 / 2, "{outcome:?}");
        assert!(direction.spliced < direction.delivered, "it begins by copying");
    }
    let pipes = scratch.pipe_statistics();
    assert!(pipes.open <= 2 && pipes.idle == pipes.open, "{pipes:?}");
}

#[tokio::test]
async fn bytes_in_a_pipe_arrive_before_the_end_of_file() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Tcp, Transport::Tcp).await;
    let (outcome, ()) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        async {
            let taken = stuff(&mut wired.server, || in_pipe(&scratch)).await;
            let pipes = scratch.pipe_statistics();
            assert_eq!((pipes.open, pipes.idle), (1, 0), "stuck in a pipe");
            assert_eq!(scratch.kept(), 0);
            // The end of file comes after the bytes in the kernel's buffer of the server's socket, and those after
            // the pipe.
            wired.server.shutdown().await.expect("open");
            wired.client.shutdown().await.expect("open");
            assert_eq!(all(&mut wired.client).await.len(), taken);
        }
    );
    assert!(matches!(outcome.ended, Ended::Fin { .. }));
    assert_eq!(scratch.pipe_statistics().idle, 1);
}

#[tokio::test]
async fn a_pipe_with_bytes_in_it_is_not_used_again() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Tcp, Transport::Tcp).await;
    let (outcome, ()) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        async {
            stuff(&mut wired.server, || in_pipe(&scratch)).await;
            assert_eq!(scratch.pipe_statistics().open, 1);
            control.kill();
        }
    );
    assert!(matches!(outcome.ended, Ended::Killed));
    assert!(outcome.to_client.delivered < outcome.to_client.bytes);
    assert_eq!(scratch.pipe_statistics().open, 0);
}

#[tokio::test]
async fn without_a_pipe_it_copies() {
    let scratch = Scratch::new(ScratchConfig { pipes: 0, ..ScratchConfig::default() });
    let control = Control::new();
    let wired = wired(Transport::Tcp, Transport::Tcp).await;
    let (request, response) = (content(1, BULK), content(2, BULK));
    let (outcome, at_client, at_server) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        exchange(wired.client, &request),
        exchange(wired.server, &response),
    );
    assert!(at_server == request && at_client == response);
    assert_eq!((outcome.to_server.spliced, outcome.to_client.spliced), (0, 0));
    assert!(scratch.pipe_statistics().refused > 0);
}
