//! The address language, abstract names and inherited sockets.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod common;

use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use common::{Directory, at, bind, connection, connector, named, run, speak, try_bind, unique_name};
use proto_core::Registry;
use proto_core::address::{Address, InheritedSocket, NoEnvironment, Parser, Rules, UnixAddress};
use proto_core::error::{ConnectFailure, Refusal};
use proto_core::extension::Scope;
use proto_core::options::SocketOption;
use proto_core::protocol::SocketType;
use proto_core::spec::{BindSpec, Target};
use proto_unix::Ownership;

#[test]
fn addresses_select_this_crate() {
    let registry = Registry::linked().unwrap();
    let parser = Parser::new(&registry, &Rules::BIND);
    for (text, protocol, family) in [
        ("/run/a", "unix", "unix"),
        ("unix@a", "unix", "unix"),
        ("uxst@/run/a", "unix", "unix"),
        ("abns@a", "unix", "abns"),
        ("abnsz@a", "unix", "abnsz"),
        ("sockpair@7", "sockpair", "sockpair"),
    ] {
        let spec = parser.parse(text, &NoEnvironment).unwrap();
        let address = spec.addresses().unwrap().remove(0);
        assert_eq!(address.family().name(), family, "{text}");
        let found = registry.select(&spec.selector, address.family()).unwrap();
        assert_eq!(found.descriptor().name, protocol, "{text}");
    }
    assert!(parser.parse("sockpair@x", &NoEnvironment).is_err());
    for keyword in ["mode", "user", "group", "uid", "gid"] {
        assert!(registry.keyword(Scope::Bind, keyword).is_some(), "{keyword}");
        assert!(registry.keyword(Scope::Server, keyword).is_none(), "{keyword}");
    }
}

#[test]
fn padded_and_plain_names_are_different() {
    let name = unique_name();
    let (padded, plain) = (bind(&named(&name, true)), bind(&named(&name, false)));
    run(async {
        let padded = padded.socket.listen().unwrap();
        let (mut client, mut server) = connection(&*padded).await;
        speak(&mut *client, &mut *server, b"padded").await;
        // Bound, but not listening.
        let address = named(&name, false);
        let refused = connector(&address).connect(&Target::new(address)).await.unwrap_err();
        assert_eq!(refused.failure(), ConnectFailure::Refused);
        let plain = plain.socket.listen().unwrap();
        let (mut client, mut server) = connection(&*plain).await;
        speak(&mut *client, &mut *server, b"plain").await;
        assert_eq!(server.local_addr(), named(&name, false));
        assert_eq!(client.peer_addr(), named(&name, false));
    });
    let taken = bind(&named(&name, true));
    let twice = try_bind(BindSpec { share: true, ..BindSpec::new(taken.address.clone()) });
    assert!(twice.is_err(), "an abstract name cannot be shared");
}

#[test]
fn plain_names_are_compatible_with_other_programs() {
    let name = unique_name();
    let bound = bind(&named(&name, false));
    bound.socket.publish().unwrap();
    run(async {
        let listener = bound.socket.listen().unwrap();
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let _client = UnixStream::connect_addr(&address).unwrap();
        let incoming = proto_core::protocol::accept(&*listener).await.unwrap();
        assert_eq!(*incoming.peer_addr(), Address::Unix(UnixAddress::Unnamed));
    });
    let theirs = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    run(async {
        let address = named(&name, false);
        connector(&address).connect(&Target::new(address)).await.unwrap();
        theirs.accept().unwrap();
    });
}

#[test]
fn a_client_with_a_name_is_known_by_it() {
    let (dir, name) = (Directory::new(), unique_name());
    let bound = bind(&named(&name, true));
    run(async {
        let listener = bound.socket.listen().unwrap();
        let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        let path = dir.path("client");
        socket.bind(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
        let mut full = vec![0; 108];
        full[1..=name.len()].copy_from_slice(name.as_bytes());
        let to: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(&full);
        socket.connect(&socket2::SockAddr::unix(to).unwrap()).unwrap();
        let incoming = proto_core::protocol::accept(&*listener).await.unwrap();
        assert_eq!(*incoming.peer_addr(), at(&path));
    });
}

#[test]
fn an_inherited_socket_is_taken_as_it_is() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let made = bind(&at(&path));
    made.socket.publish().unwrap();
    let fd = made.socket.as_fd().unwrap();
    let facts = InheritedSocket::facts_of(fd).unwrap();
    assert!(facts.listening && proto_unix::sockpair().owns(&facts, fd).is_none());
    let registry = Registry::linked().unwrap();
    let (owner, address) = registry.owner_of(&facts, fd).unwrap();
    assert_eq!(owner.descriptor().name, "unix");
    assert_ne!(address, at(&path), "the kernel reports the name it was bound to");

    let mut spec = BindSpec { socket: Some(fd.try_clone_to_owned().unwrap()), ..BindSpec::new(address) };
    spec.settings.extensions.insert(Ownership { mode: Some(0o600), ..Ownership::default() });
    let inherited = try_bind(spec).unwrap();
    assert_eq!(inherited.address, at(&path));
    assert_eq!(inherited.warnings.len(), 1, "{:?}", inherited.warnings);
    assert!(matches!(
        inherited.socket.suspend().unwrap_err().refusal(),
        Some(Refusal::Policy(why)) if why.contains("cannot stop")
    ));
    run(async {
        let listener = inherited.socket.listen().unwrap();
        assert!(!listener.refuse_new(), "another process has it too");
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"inherited").await;
    });
    assert!(path.exists(), "the file belongs to the process that made it");
    drop(made);
    assert!(dir.is_empty());
}

#[test]
fn a_socket_that_does_not_fit_is_refused() {
    let name = unique_name();
    let given = |socket: OwnedFd| {
        let refused = try_bind(BindSpec { socket: Some(socket), ..BindSpec::new(named(&name, false)) });
        refused.unwrap_err().to_string()
    };
    let (half, _other) = UnixStream::pair().unwrap();
    let fd = std::os::fd::AsFd::as_fd(&half);
    let facts = InheritedSocket::facts_of(fd).unwrap();
    assert_eq!(facts.socket_type(), Some(SocketType::Stream));
    assert_eq!(proto_unix::unix().owns(&facts, fd), None, "half of a pair cannot listen");
    assert!(given(half.into()).contains("not a UNIX socket for this"));
    assert!(given(std::net::TcpListener::bind("127.0.0.1:0").unwrap().into()).contains("127.0.0.1"));
    let padded = bind(&named(&name, true));
    given(padded.socket.as_fd().unwrap().try_clone_to_owned().unwrap());

    let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let _client = UnixStream::connect_addr(&listener.local_addr().unwrap()).unwrap();
    assert!(given(listener.accept().unwrap().0.into()).contains("it is a connection"));

    let inet: Address = "127.0.0.1:1".parse::<std::net::SocketAddr>().unwrap().into();
    let refused = try_bind(BindSpec::new(inet)).unwrap_err();
    assert!(matches!(refused.refusal(), Some(Refusal::WrongFamily { .. })));
}

#[test]
fn options_without_an_effect_cause_a_warning() {
    let mut spec = BindSpec::new(named(&unique_name(), false));
    spec.settings.options.set(SocketOption::Backlog(7));
    spec.settings.options.set(SocketOption::SendBuffer(10_000));
    spec.settings.options.set(SocketOption::Mss(1000));
    spec.settings.options.set(SocketOption::ReceiveBuffer(10_000));
    let bound = try_bind(spec).unwrap();
    let warnings: Vec<_> = bound.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].contains("option 'mss 1000' has no effect with unix: a UNIX socket has no segments"),
        "{warnings:?}"
    );
    run(async {
        let listener = bound.socket.listen().unwrap();
        let (_client, server) = connection(&*listener).await;
        let fd = server.splice_write().unwrap().fd();
        assert_eq!(socket2::SockRef::from(&fd).send_buffer_size().unwrap(), 20_000);
    });
}
