//! The transports of the guide keep the contracts of the traits.

use std::net::SocketAddr;
use std::time::Duration;

use proto_core::address::{Address, OtherAddress};
use proto_core::conformance::{Subject, Trait, suite};
use proto_core::options::SocketOption;

fn inet(text: &str) -> Address {
    text.parse::<SocketAddr>().expect("an address").into()
}

fn scrambled4() -> Subject {
    Subject::new(proto_tutorial::scrambled4(), || inet("127.0.0.1:0"))
        .nobody_at(inet("127.0.0.1:1"))
        .with_options([SocketOption::Mss(1200), SocketOption::UserTimeout(Duration::from_secs(3))])
}

fn scrambled6() -> Subject {
    Subject::new(proto_tutorial::scrambled6(), || inet("[::1]:0")).nobody_at(inet("[::1]:1"))
}

fn door(host: String) -> Address {
    Address::Other(OtherAddress { family: proto_tutorial::ROOM, host: host.into() })
}

fn room() -> Subject {
    Subject::new(proto_tutorial::room(), || door(format!("conformance-{}/0", std::process::id())))
        .nobody_at(door("nobody/1".to_owned()))
        .with_options([SocketOption::Backlog(7), SocketOption::Mss(1200)])
        .without(Trait::Reset, "a UNIX socket ends, and cannot say that it was cut off")
        .without(Trait::Suspend, "a UNIX socket that listens cannot stop and begin again")
        .without(Trait::BlackHole, "a UNIX socket with a full backlog refuses at once")
}

suite!(scrambled4);
suite!(scrambled6);
suite!(room);
