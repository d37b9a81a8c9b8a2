//! The path on which a connection was made fails in the middle of a body; the rest takes the other path.

use braid_load::Transport;
use braid_tests::lab;
use braid_tests::skip::Lab;
use braid_tests::topology::{Offer, Site, TwoPaths};

use crate::client::{Client, Framing};
use crate::proxy::{PORT, Proxy, announce_second, one_connection, origin, served};
use crate::transfer::{RATE, joined, tune};

/// The size of a body: a second or two at `RATE`, and far more than the buffers on the way.
const BYTES: u64 = 24 << 20;
/// The bytes that have passed the client when the path fails.
const BEFORE: u64 = BYTES / 8;

#[derive(Clone, Copy, Debug)]
enum Direction {
    Down,
    Up,
}

/// Runs a client with two paths to a proxy, whose origin is beside it.
fn from_the_client(lab: &Lab, direction: Direction, framing: Framing, to_origin: Transport) {
    let net = TwoPaths::new(lab).unwrap();
    tune(&net, RATE);
    let origin = origin(&net.server, to_origin);
    let proxy = Proxy::start(
        &net.server,
        &format!("mptcp@:{PORT}"),
        &format!("{}@127.0.0.1:{}", to_origin.name(), origin.addr().port()),
    );
    let to = (net.paths[0].server.v4, PORT).into();
    let mut client = Client::connect(&net.client, to, Transport::Mptcp);
    let lose = || {
        joined(&net.server, 1);
        net.paths[0].down().unwrap();
    };
    match direction {
        Direction::Down => {
            let mut download = client.begin_get(BYTES, framing);
            download.take(BEFORE);
            lose();
            download.finish();
        }
        Direction::Up => {
            let mut upload = client.begin_post(BYTES, framing);
            upload.send(BEFORE);
            lose();
            upload.finish();
        }
    }

    client.tell(&format!("{direction:?} {framing:?}, {} to the origin", to_origin.name()));
    let carried = net.paths[1].client_end.traffic().unwrap().total();
    assert!(carried > BYTES / 3, "the other path carried {carried} bytes: it ended before the path did");
    let logged = &proxy.logged(1)[0];
    assert!(logged.paths("client") >= 1);
    match to_origin {
        Transport::Tcp => assert_eq!(logged.side("server"), None),
        Transport::Mptcp => assert_eq!(logged.paths("server"), 1),
    }
    served(origin, 1);
    if to_origin == Transport::Tcp {
        one_connection(&net.server);
    }
}

#[test]
fn a_download_with_a_length_moves() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    from_the_client(&lab, Direction::Down, Framing::Length, Transport::Tcp);
}

#[test]
fn a_download_in_chunks_moves() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    from_the_client(&lab, Direction::Down, Framing::Chunked, Transport::Mptcp);
}

#[test]
fn an_upload_with_a_length_moves() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    from_the_client(&lab, Direction::Up, Framing::Length, Transport::Tcp);
}

#[test]
fn an_upload_in_chunks_moves() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    from_the_client(&lab, Direction::Up, Framing::Chunked, Transport::Mptcp);
}

/// Both sides of the proxy have two paths, and lose the first one at the same time.
#[test]
fn both_sides_move() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    let front = TwoPaths::new(&lab).unwrap();
    let backend = lab.namespace("backend").unwrap();
    let back = TwoPaths::between(&front.server, &backend, Site(2), Offer::Signal).unwrap();
    announce_second(&back);
    tune(&front, RATE);
    tune(&back, RATE);
    let origin = origin(&back.server, Transport::Mptcp);
    let server = format!("mptcp@{}:{}", back.paths[0].server.v4, origin.addr().port());
    let proxy = Proxy::start(&front.server, &format!("mptcp@:{PORT}"), &server);
    let to = (front.paths[0].server.v4, PORT).into();
    let mut client = Client::connect(&front.client, to, Transport::Mptcp);

    let mut download = client.begin_get(BYTES, Framing::Chunked);
    download.take(BEFORE);
    joined(&front.server, 1);
    joined(&back.server, 1);
    front.paths[0].down().unwrap();
    back.paths[0].down().unwrap();
    download.finish();

    client.tell("Down Chunked, both sides");
    for net in [&front, &back] {
        let carried = net.paths[1].client_end.traffic().unwrap().total();
        assert!(carried > BYTES / 3, "the other path carried {carried} bytes: it ended before the path did");
        one_connection(&net.server);
    }
    let logged = &proxy.logged(1)[0];
    assert!(logged.paths("client") >= 1 && logged.paths("server") >= 1);
    served(origin, 1);
}
