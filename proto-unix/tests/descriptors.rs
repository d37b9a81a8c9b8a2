//! A test that no descriptor is leaked. It has a test binary of its own, since it counts all descriptors of the
//! process.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod common;

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use common::{Directory, at, bind, connection, connector, rebind, run, speak, try_bind};
use proto_core::address::{Address, OtherAddress};
use proto_core::kernel::Kernel;
use proto_core::protocol::accept;
use proto_core::spec::{BindSpec, ServerSpec, Target};

fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn paths() {
    let dir = Directory::new();
    run(async {
        let bound = bind(&at(&dir.path("socket")));
        drop(bound.socket.try_clone().unwrap());
        let listener = bound.socket.listen().unwrap();
        drop(try_bind(BindSpec::new(listener.local_addr().clone())).unwrap_err());
        drop(rebind(listener.local_addr()));
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"x").await;
        drop(client.detach().unwrap());
        server.abort();
        let unbound = at(&dir.path("unbound"));
        drop(connector(&unbound).connect(&Target::new(unbound.clone())).await.unwrap_err());
    });
}

fn pairs() {
    let (here, there) = UnixStream::pair().unwrap();
    let on = |fd: &UnixStream| {
        let host = fd.as_raw_fd().to_string();
        Address::Other(OtherAddress::new(proto_unix::SOCKPAIR, host))
    };
    let kernel = Kernel::detect();
    let bound = proto_unix::sockpair().bind(BindSpec::new(on(&there)), &kernel).unwrap();
    let made = proto_unix::sockpair().connector(ServerSpec::new(on(&here)), &kernel).unwrap();
    run(async {
        let listener = bound.socket.listen().unwrap();
        let target = Target::new(on(&here));
        let _kept = made.connector.connect(&target).await.unwrap();
        drop(made.connector.connect(&target).await.unwrap());
        drop(accept(&*listener).await.unwrap().into_stream().unwrap());
    });
}

#[test]
fn none_is_left_open() {
    paths();
    pairs();
    let before = open();
    for _ in 0..10 {
        paths();
        pairs();
    }
    assert_eq!(open(), before);
}
