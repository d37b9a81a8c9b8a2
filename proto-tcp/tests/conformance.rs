//! TCP keeps the contracts of the traits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proto_core::Protocol;
use proto_core::address::Address;
use proto_core::conformance::{Subject, suite};
use proto_core::options::{Secret, SocketOption};

fn subject(protocol: Arc<dyn Protocol>, free: fn() -> Address, nobody: &str) -> Subject {
    Subject::new(protocol, free).nobody_at(nobody.parse::<SocketAddr>().expect("an address")).with_options([
        SocketOption::Mss(1200),
        SocketOption::FastOpen,
        SocketOption::DeferAccept,
        SocketOption::Backlog(7),
        SocketOption::Interface("lo".to_owned()),
        SocketOption::Interface("no-such-link".to_owned()),
        SocketOption::Transparent,
        SocketOption::V4V6,
        SocketOption::UserTimeout(Duration::from_secs(3)),
        SocketOption::SaveSyn(1),
        SocketOption::CongestionControl("reno".to_owned()),
        SocketOption::CongestionControl("no-such-one".to_owned()),
        SocketOption::Md5Signature(Secret::new("key").expect("a key")),
        SocketOption::NoLinger,
        SocketOption::KeepAlive,
        SocketOption::KeepAliveIdle(Duration::from_secs(33)),
        SocketOption::KeepAliveInterval(Duration::from_secs(11)),
        SocketOption::KeepAliveCount(4),
        SocketOption::ReceiveBuffer(65_536),
        SocketOption::SendBuffer(65_536),
        SocketOption::NotSentLowat(16_384),
        SocketOption::Mark(7),
        SocketOption::Tos(32),
    ])
}

fn loopback(text: &str) -> Address {
    text.parse::<SocketAddr>().expect("an address").into()
}

fn tcp4() -> Subject {
    subject(proto_tcp::tcp4(), || loopback("127.0.0.1:0"), "127.0.0.1:1")
}

fn tcp6() -> Subject {
    subject(proto_tcp::tcp6(), || loopback("[::1]:0"), "[::1]:1")
}

suite!(tcp4);
suite!(tcp6);
