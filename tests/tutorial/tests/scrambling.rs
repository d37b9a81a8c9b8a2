//! What scrambled TCP adds: other bytes on the wire, a key for each line, a sample, no splicing.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use proto_core::Registry;
use proto_core::extension::{Sampled, Scope, Value, Words};
use proto_core::kernel::Kernel;
use proto_core::protocol::{accept, connect_within};
use proto_core::spec::{BindSpec, ServerSpec, Settings, Target};
use proto_core::stream::Stream;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use proto_tutorial as _;

const LIMIT: Duration = Duration::from_secs(20);

/// Returns the settings of a line with `scr-key`.
fn with_key(key: &str) -> Settings {
    let registry = Registry::linked().expect("no registrations conflict");
    let mut settings = Settings::default();
    let keyword = registry.keyword(Scope::Bind, "scr-key").expect("it is registered");
    (keyword.apply)(&mut settings, &Words::new(&[key])).expect("it is a key");
    settings
}

async fn connect(address: SocketAddr, key: &str) -> Box<dyn Stream> {
    let spec = ServerSpec { settings: with_key(key), ..ServerSpec::new(address) };
    let made = proto_tutorial::scrambled4().connector(spec, &Kernel::detect()).expect("a connector");
    connect_within(&*made.connector, &Target::new(address), LIMIT).await.expect("it connects")
}

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(LIMIT, work).await.expect("it does not hang") });
}

#[test]
fn plain_tcp_sees_scrambled_bytes() {
    run(async {
        let plain = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let mut client = connect(plain.local_addr().expect("its address"), "\u{1}\u{2}").await;
        let (mut server, _) = plain.accept().expect("it is there");
        client.write_all(b"aaaaa").await.expect("it writes");
        let mut wire = [0; 5];
        server.read_exact(&mut wire).expect("it reads");
        assert_eq!(&wire, b"`c`c`");
        server.write_all(b"`c`").expect("it writes");
        let mut meant = [0; 3];
        client.read_exact(&mut meant).await.expect("it reads");
        assert_eq!(&meant, b"aaa");
    });
}

#[test]
fn the_sample_counts_and_moves_with_the_connection() {
    let registry = Registry::linked().expect("no registrations conflict");
    let sample = registry.sample("scr_bytes").expect("it is registered");
    run(async {
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let spec = BindSpec { settings: with_key("sesame"), ..BindSpec::new(address) };
        let bound = proto_tutorial::scrambled4().bind(spec, &Kernel::detect()).expect("it binds");
        let address = bound.address.inet().expect("an Internet address");
        let listener = bound.socket.listen().expect("it listens");
        let (mut client, incoming) = tokio::join!(connect(address, "sesame"), accept(&*listener));
        let mut server = incoming.expect("it accepts").into_stream().expect("it registers");
        assert_eq!((sample.fetch)(&Sampled::new(&*server)), Some(Value::Integer(0)));

        for turn in 1..=3 {
            client.write_all(b"to and fro").await.expect("it writes");
            let mut bytes = [0; 10];
            server.read_exact(&mut bytes).await.expect("it reads");
            assert_eq!(&bytes, b"to and fro");
            // A key that restarted here would show in the next turn.
            server = server.detach().expect("it detaches").into_stream().expect("it registers");
            assert_eq!((sample.fetch)(&Sampled::new(&*server)), Some(Value::Integer(10 * turn)));
        }
        assert!(client.splice_write().is_none() && server.splice_read().is_none());
    });
}

#[test]
fn other_streams_have_no_such_sample() {
    let registry = Registry::linked().expect("no registrations conflict");
    let sample = registry.sample("scr_bytes").expect("it is registered");
    let name = proto_core::memory::address;
    let (one, _other) = proto_core::memory::pair(name("client"), name("server"));
    assert_eq!((sample.fetch)(&Sampled::new(&one)), None);
}

#[test]
fn an_inherited_socket_is_used_by_the_line_that_names_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let spec = BindSpec { socket: Some(listener.into()), ..BindSpec::new(address) };
    let bound = proto_tutorial::scrambled4().bind(spec, &Kernel::detect()).expect("it binds");
    assert_eq!(bound.address, address.into());
    assert!(bound.socket.as_fd().is_some(), "it can be handed over");
    drop(TcpStream::connect(address).expect("it listens"));
}
