//! Tests of `proto_core::sys` with sockets of other families: TCP, whose `connect` has to wait, and `AF_VSOCK`, whose
//! addresses nothing here knows.

use std::future::poll_fn;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::task::Poll;
use std::time::Duration;

use proto_core::conformance::skipped;
use proto_core::stream::SpliceEnd as _;
use proto_core::sys::{self, Registered};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const LIMIT: Duration = Duration::from_secs(20);

fn run(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(LIMIT, future).await.expect("it ends in time") });
}

/// Listens, connects and accepts, and returns both ends.
async fn pair(domain: Domain, kind: Type, listener: Socket) -> std::io::Result<(Registered, Registered)> {
    listener.listen(1)?;
    let address = listener.local_addr()?;
    let listener = sys::register_readable(listener)?;
    let client = sys::connect(sys::socket(domain, kind, None)?, &address).await?;
    let accepted = poll_fn(|cx| sys::poll_accept(&listener, cx)).await;
    let (server, _) = accepted.expect("a connection");
    Ok((client, sys::register(server)?))
}

async fn talk(mut client: Registered, mut server: Registered) {
    // More than both buffers hold, so that each side has to wait for the other.
    let sent: Vec<u8> = (0..4_u64 << 20).map(|n| ((n * n) >> 7) as u8).collect();
    let mut got = Vec::new();
    let write = async {
        client.write_all(&sent).await.unwrap();
        client.shutdown().await.unwrap();
    };
    tokio::join!(write, async { server.read_to_end(&mut got).await.unwrap() });
    assert!(got == sent, "{} of {} bytes arrived", got.len(), sent.len());

    // The other direction is still open, and several buffers are sent with one call.
    let parts = [IoSlice::new(b"one "), IoSlice::new(b"two")];
    let written = std::future::poll_fn(|cx| server.poll_send_vectored(cx, &parts)).await.unwrap();
    assert_eq!(written, 7);
    let (mut first, mut second) = ([0; 2], [0; 5]);
    let mut bufs = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    let read = std::future::poll_fn(|cx| client.poll_read_vectored(cx, &mut bufs)).await.unwrap();
    assert_eq!((read, &first, &second), (7, b"on", b"e two"));

    // Stale readiness is cleared, and waited for again.
    let nothing = client.try_read_with(&mut || Err(std::io::ErrorKind::WouldBlock.into()));
    assert_eq!(nothing.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    server.close_direction(Shutdown::Both).unwrap();
    std::future::poll_fn(|cx| client.poll_readable(cx)).await.unwrap();
    assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
    assert!(client.into_socket().nonblocking().unwrap());
}

#[test]
fn a_connect_that_has_to_wait_is_waited_for() {
    run(async {
        let listener = Socket::from(sys::socket(Domain::IPV4, Type::STREAM, None).unwrap());
        listener.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        let (client, server) = pair(Domain::IPV4, Type::STREAM, listener).await.unwrap();
        talk(client, server).await;
    });
}

#[test]
fn a_connect_that_fails_later_says_why() {
    // Nothing listens there, and nothing else can bind it.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    bound.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
    let address = bound.local_addr().unwrap();
    let connect = || sys::connect(sys::socket(Domain::IPV4, Type::STREAM, None).unwrap(), &address);
    run(async {
        let error = connect().await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ECONNREFUSED));
    });
    // Without a runtime it is an error, not a panic.
    let mut future = std::pin::pin!(connect());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(_)) => {}
        other => panic!("{other:?}"),
    }
    assert!(sys::register(sys::socket(Domain::UNIX, Type::SEQPACKET, None).unwrap()).is_err());
}

#[test]
fn a_pair_of_packet_sockets_keeps_their_bounds() {
    let (one, other) = Socket::pair(Domain::UNIX, Type::SEQPACKET.nonblocking(), None).unwrap();
    run(async {
        let (mut one, mut other) = (sys::register(one).unwrap(), sys::register(other).unwrap());
        one.write_all(b"first").await.unwrap();
        one.write_all(b"second").await.unwrap();
        let mut buf = [0; 16];
        assert_eq!(other.read(&mut buf).await.unwrap(), 5, "a packet at a time");
        assert_eq!(other.read(&mut buf).await.unwrap(), 6);
        drop(one);
        assert_eq!(other.read(&mut buf).await.unwrap(), 0);
        let broken = other.write(b"x").await.unwrap_err();
        assert_eq!(broken.kind(), std::io::ErrorKind::BrokenPipe);
    });
}

/// A task whose peer has always sent more leaves others their turn.
#[test]
fn reads_take_from_the_share_of_a_task() {
    let (one, other) = Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None).unwrap();
    run(async {
        let (mut one, mut other) = (sys::register(one).unwrap(), sys::register(other).unwrap());
        one.write_all(&[0; 4096]).await.unwrap();
        assert_eq!(other.read(&mut [0; 1]).await.unwrap(), 1);
        let mut reads = 0;
        poll_fn(|cx| {
            while other.poll_recv(cx, &mut [MaybeUninit::uninit()]).is_ready() {
                reads += 1;
            }
            Poll::Ready(())
        })
        .await;
        assert!((1..4000).contains(&reads), "{reads}");
    });
}

#[test]
fn addresses_are_their_bytes() {
    for address in ["192.0.2.1:80", "[2001:db8::1]:443"] {
        let address = SockAddr::from(address.parse::<SocketAddr>().unwrap());
        assert_eq!(sys::socket_address(sys::address_bytes(&address)).unwrap(), address);
    }
    for length in [0, 1, 129, 1000] {
        let error = sys::socket_address(&vec![0; length]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{length}");
    }
    assert_eq!(sys::address_bytes(&sys::socket_address(&[1; 128]).unwrap()), [1; 128]);
}

/// Returns a `sockaddr_vm` (`linux/vm_sockets.h`): family, 16 reserved bits, port, context, flags and padding.
fn virtual_socket(context: u32, port: u32) -> SockAddr {
    let family = (libc::AF_VSOCK as libc::sa_family_t).to_ne_bytes();
    let bytes = [&family[..], &[0; 2], &port.to_ne_bytes(), &context.to_ne_bytes(), &[0; 4]].concat();
    sys::socket_address(&bytes).unwrap()
}

#[test]
fn virtual_machines_talk() {
    const TEST: &str = "virtual_machines_talk";
    let domain = Domain::from(libc::AF_VSOCK);
    let listener = match sys::socket(domain, Type::STREAM, None) {
        Ok(socket) => Socket::from(socket),
        Err(error) => return skipped(TEST, &format!("this kernel has no AF_VSOCK: {error}")),
    };
    // A connection of this machine with itself; the kernel chooses a port.
    if let Err(error) = listener.bind(&virtual_socket(libc::VMADDR_CID_LOCAL, libc::VMADDR_PORT_ANY)) {
        return skipped(TEST, &format!("this kernel has no loopback of AF_VSOCK: {error}"));
    }
    run(async {
        match pair(domain, Type::STREAM, listener).await {
            Ok((client, server)) => talk(client, server).await,
            Err(error) => skipped(TEST, &format!("this kernel has no loopback of AF_VSOCK: {error}")),
        }
    });
}
