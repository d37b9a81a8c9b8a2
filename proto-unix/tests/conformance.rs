//! The conformance suites of UNIX sockets: paths, both kinds of abstract names, and passed connections.

use std::cell::RefCell;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};

use proto_core::address::{Address, OtherAddress, UnixAddress};
use proto_core::conformance::{Subject, Trait, suite};
use proto_core::options::SocketOption;

/// Returns a name that no other process and no other test uses.
fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("braid-conformance-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn subject(free: fn() -> Address) -> Subject {
    Subject::new(proto_unix::unix(), free)
        .nobody_at(Address::Unix(UnixAddress::Path("/nonexistent/no-listener".into())))
        .with_options([
            // More than the default of a socket, so that the difference shows.
            SocketOption::SendBuffer(400_000),
            SocketOption::ReceiveBuffer(65_536),
            SocketOption::Mss(1000),
        ])
        .without(Trait::Reset, "UNIX sockets have no reset")
        .without(Trait::Suspend, "a UNIX socket that has stopped listening cannot listen again")
}

fn path() -> Subject {
    subject(|| Address::Unix(UnixAddress::Path(std::env::temp_dir().join(name()))))
}

fn abns() -> Subject {
    subject(|| Address::Unix(UnixAddress::Abstract { name: name(), padded: true }))
}

fn abnsz() -> Subject {
    subject(|| Address::Unix(UnixAddress::Abstract { name: name(), padded: false }))
}

thread_local! {
    /// The pair over which connections of the test on this thread are passed: the listener's end and the connector's.
    static PAIR: RefCell<Option<(UnixStream, UnixStream)>> = const { RefCell::new(None) };
}

fn end(socket: &UnixStream) -> Address {
    Address::Other(OtherAddress::new(proto_unix::SOCKPAIR, socket.as_raw_fd().to_string()))
}

fn sockpair() -> Subject {
    let free = || {
        let pair = UnixStream::pair().expect("a pair");
        let address = end(&pair.0);
        PAIR.set(Some(pair));
        address
    };
    let other_end =
        |_: &Address| PAIR.with_borrow(|pair| pair.as_ref().map(|pair| end(&pair.1)).expect("a pair"));
    Subject::new(proto_unix::sockpair(), free)
        .reached_by(other_end)
        .with_options([SocketOption::Backlog(7)])
        .without(Trait::Reset, "UNIX sockets have no reset")
        .without(Trait::Suspend, "a pair does not listen")
        .without(Trait::Exclusive, "any number of sockets can be duplicates of one")
        .without(Trait::RefuseNew, "the holder of the other end can always send")
        .without(Trait::BlackHole, "the channel holds hundreds of connections that were not accepted")
}

suite!(path);
suite!(abns);
suite!(abnsz);
suite!(sockpair);
