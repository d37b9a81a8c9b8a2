//! The conformance suites of the guide's transports.

use std::net::SocketAddr;
use std::time::Duration;

use proto_core::Registry;
use proto_core::address::{Address, OtherAddress};
use proto_core::conformance::{LayerSubject, Subject, Trait, layer_suite, suite};
use proto_core::extension::{Scope, Words};
use proto_core::options::SocketOption;
use proto_core::spec::Settings;

fn inet(text: &str) -> Address {
    text.parse::<SocketAddr>().expect("an address").into()
}

/// Returns the settings of a line with a key of its own: an end without it could not understand the other.
fn keyed() -> Settings {
    let registry = Registry::linked().expect("no registrations conflict");
    let keyword = registry.keyword(Scope::Bind, "scr-key").expect("the keyword of this crate");
    let mut settings = Settings::default();
    (keyword.apply)(&mut settings, &Words::new(&["conformance"])).expect("a key");
    settings
}

fn scrambled4() -> Subject {
    Subject::new(proto_tutorial::scrambled4(), || inet("127.0.0.1:0"))
        .nobody_at(inet("127.0.0.1:1"))
        .with_settings(keyed())
        .with_options([
            SocketOption::Mss(1200),
            SocketOption::UserTimeout(Duration::from_secs(3)),
            SocketOption::KeepAlive,
            SocketOption::CongestionControl("no-such-one".to_owned()),
        ])
        .over(proto_tutorial::scrambled_over)
}

fn scrambled6() -> Subject {
    Subject::new(proto_tutorial::scrambled6(), || inet("[::1]:0")).nobody_at(inet("[::1]:1"))
}

fn door(host: String) -> Address {
    Address::Other(OtherAddress::new(proto_tutorial::ROOM, host))
}

fn room() -> Subject {
    Subject::new(proto_tutorial::room(), || door(format!("conformance-{}/0", std::process::id())))
        .nobody_at(door("nobody/1".to_owned()))
        .with_options([SocketOption::Backlog(7), SocketOption::Mss(1200)])
        .without(Trait::Reset, "a UNIX socket has no reset")
        .without(Trait::Suspend, "a UNIX socket that listens cannot stop and listen again")
        .without(Trait::BlackHole, "a UNIX socket with a full backlog refuses at once")
}

fn pack() -> LayerSubject {
    LayerSubject::new(proto_tutorial::pack())
}

suite!(scrambled4);
suite!(scrambled6);
suite!(room);
layer_suite!(pack);
