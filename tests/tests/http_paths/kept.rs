//! A kept connection loses its paths between two requests, and the next request is still answered.

use braid_load::Transport;
use braid_tests::endpoint::{Endpoint, EndpointFlags};
use braid_tests::lab;
use braid_tests::mptcp::SubflowCount;
use braid_tests::poll::eventually;
use braid_tests::topology::{Offer, Path, Site, TwoPaths};

use crate::client::{Client, Framing};
use crate::proxy::{PORT, Proxy, announce_second, one_connection, origin, served};
use crate::transfer::{LIMIT, joined};

/// The size of a body: more than a packet, less than a buffer.
const BYTES: u64 = 100_000;

/// Makes the client leave the network of a path whose link is down, and come back to it: a network manager removes
/// address and endpoint and adds them again.
fn replace(path: &Path) {
    let client = path.client_end.namespace();
    for cidr in path.client.each() {
        path.client_end.remove_address(cidr).unwrap();
        let endpoints = client.endpoints().unwrap();
        let known = endpoints.iter().find(|endpoint| endpoint.address == cidr.address).unwrap();
        client.delete_endpoint(known.id.unwrap()).unwrap();
    }
    path.client.each().iter().for_each(|cidr| path.client_end.add_address(*cidr).unwrap());
    path.up().unwrap();
    for cidr in path.client.each() {
        client.add_endpoint(Endpoint::new(cidr.address, EndpointFlags::SUBFLOW)).unwrap();
    }
}

/// In the end it has none of the paths that it began with.
#[test]
fn a_client_outlives_its_paths() {
    let Some(lab) = lab!(Mptcp) else { return };
    let net = TwoPaths::new(&lab).unwrap();
    let origin = origin(&net.server, Transport::Tcp);
    let server = format!("127.0.0.1:{}", origin.addr().port());
    let proxy = Proxy::start(&net.server, &format!("mptcp@:{PORT}"), &server);
    let to = (net.paths[0].server.v4, PORT).into();
    let mut client = Client::connect(&net.client, to, Transport::Mptcp);

    client.get(BYTES, Framing::Length);
    joined(&net.server, 1);
    client.get(BYTES, Framing::Chunked);
    net.paths[0].down().unwrap();
    client.get(BYTES, Framing::Length);
    replace(&net.paths[0]);
    joined(&net.server, 2);
    let two = || (SubflowCount::of(client.stream()).unwrap().total == 2).then_some(());
    assert!(eventually(LIMIT, two).is_some());
    net.paths[1].down().unwrap();
    client.begin_post(BYTES, Framing::Chunked).finish();
    client.get(BYTES, Framing::Chunked);

    let logged = proxy.logged(5);
    let paths: Vec<u32> = logged.iter().map(|logged| logged.paths("client")).collect();
    client.tell(&format!("kept by a client with {paths:?} paths"));
    // The first request ends before the second path exists, or just after.
    assert!(paths.iter().all(|&count| count >= 1), "{paths:?}");
    assert_eq!(paths[1], 2, "{paths:?}");
    assert!(logged[3].request.starts_with("POST "), "{logged:?}");
    one_connection(&net.server);
    served(origin, 5);
}

/// The proxy's own connection to the server is a kept one, too.
#[test]
fn a_connection_to_a_server_outlives_a_path() {
    let Some(lab) = lab!(Mptcp) else { return };
    let (proxied, backend) = (lab.namespace("proxy").unwrap(), lab.namespace("backend").unwrap());
    let net = TwoPaths::between(&proxied, &backend, Site(1), Offer::Signal).unwrap();
    announce_second(&net);
    let origin = origin(&net.server, Transport::Mptcp);
    let server = format!("mptcp@{}:{}", net.paths[0].server.v4, origin.addr().port());
    let proxy = Proxy::start(&net.client, &format!("127.0.0.1:{PORT}"), &server);
    let mut client = Client::connect(&net.client, ([127, 0, 0, 1], PORT).into(), Transport::Tcp);

    client.get(BYTES, Framing::Chunked);
    joined(&net.server, 1);
    client.get(BYTES, Framing::Length);
    net.paths[0].down().unwrap();
    client.get(BYTES, Framing::Chunked);
    client.begin_post(BYTES, Framing::Length).finish();

    let logged = proxy.logged(4);
    let paths: Vec<u32> = logged.iter().map(|logged| logged.paths("server")).collect();
    client.tell(&format!("kept to a server with {paths:?} paths"));
    assert!(paths.iter().all(|&count| count >= 1), "{paths:?}");
    assert_eq!(paths[1], 2, "{paths:?}");
    assert!(logged.iter().all(|logged| logged.side("client").is_none()), "{logged:?}");
    one_connection(&net.server);
    served(origin, 4);
}
