//! One `use` line registers everything that the crate has.

use proto_core::Registry;
use proto_core::extension::{SampleType, Scope};
use proto_core::family::Family;
use proto_core::protocol::Kind;

use proto_tutorial as _;

fn linked() -> Registry {
    Registry::linked().expect("no registrations conflict")
}

#[test]
fn its_protocols_are_streams_without_a_cell() {
    for (name, families) in
        [("scr4", &[Family::INET4][..]), ("scr6", &[Family::INET6]), ("room", &[Family::new("room")])]
    {
        let registry = linked();
        let descriptor = registry.protocol(name).expect("it is registered").descriptor();
        assert_eq!((descriptor.kind, descriptor.families), (Kind::Stream, families), "{name}");
        assert_eq!(descriptor.place, None, "{name}");
    }
}

#[test]
fn its_prefixes_family_keyword_and_sample_are_there() {
    let registry = linked();
    assert_eq!(registry.prefix("scr@").and_then(|prefix| prefix.families), Some(Family::INTERNET));
    assert!(registry.prefix("room@").is_some());
    assert!(registry.family(Family::new("room")).is_some());
    assert!(registry.keyword(Scope::Bind, "scr-key").is_some());
    assert!(registry.keyword(Scope::Server, "scr-key").is_some());
    assert_eq!(registry.sample("scr_bytes").map(|sample| sample.gives), Some(SampleType::Integer));
}

#[test]
fn it_claims_no_socket_of_other_protocols() {
    // A TCP listener of the parent must go to TCP, whose name is sorted after "scr4".
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let fd = std::os::fd::AsFd::as_fd(&socket);
    let facts = proto_core::address::InheritedSocket::facts_of(fd);
    assert!(linked().owner_of(&facts.expect("it is a socket"), fd).is_none());
}
