//! A kernel without MPTCP: TCP with a warning, or an error if the line requires MPTCP. The kernel is injected.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;

use proto_core::error::{ConnectError, Refusal};
use proto_core::info::{FallbackReason, State};
use proto_core::kernel::{Kernel, SocketKind, SocketSupport};
use proto_core::options::{SocketOption, apply};
use proto_core::protocol::accept;
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::sys::{IPPROTO_MPTCP, IPPROTO_TCP};
use proto_core::transport::Policy;

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Returns a kernel that answers `errno` to a request for an MPTCP socket.
fn kernel_without(errno: i32) -> Kernel {
    let support = SocketSupport { missing: Some(errno), default_mss: None };
    let kind = |inet6| SocketKind { inet6, ipproto: IPPROTO_MPTCP };
    Kernel::detect().with(kind(false), support).with(kind(true), support)
}

#[test]
fn bind_uses_tcp_and_says_why() {
    for (errno, why) in [
        (libc::ENOPROTOOPT, "net.mptcp.enabled is 0"),
        (libc::EPROTONOSUPPORT, "built without it"),
        (libc::EINVAL, "older than Linux 5.6"),
        (libc::EPERM, "security policy"),
    ] {
        let bound =
            proto_mptcp::mptcp4().bind(BindSpec::new(loopback(0)), &kernel_without(errno)).expect("it binds");
        let [warning] = bound.warnings.as_slice() else { panic!("one warning: {:?}", bound.warnings) };
        let text = warning.to_string();
        assert!(text.contains("127.0.0.1:0 (mptcpv4)"), "{text}");
        assert!(text.contains("TCP is used instead") && text.contains(why), "{text}");
    }
}

#[test]
fn an_unrelated_error_does_not_cause_a_fallback() {
    let error = proto_mptcp::mptcp4().bind(BindSpec::new(loopback(0)), &kernel_without(libc::ENOMEM));
    let text = error.expect_err("it fails").to_string();
    assert!(text.contains("cannot create a socket for 127.0.0.1:0"), "{text}");
}

#[test]
fn a_line_that_requires_mptcp_is_an_error() {
    let kernel = kernel_without(libc::ENOPROTOOPT);
    let mut spec = BindSpec::new(loopback(0));
    spec.settings.extensions.insert(Policy::Require);
    let error = proto_mptcp::mptcp4().bind(spec, &kernel).expect_err("it is refused");
    assert!(matches!(error.refusal(), Some(Refusal::Policy(_))), "{error}");
    assert!(error.to_string().contains("net.mptcp.enabled is 0"), "{error}");

    let mut spec = ServerSpec::new(loopback(1));
    spec.settings.extensions.insert(Policy::Require);
    let error = proto_mptcp::mptcp4().connector(spec, &kernel).expect_err("it is refused");
    assert!(matches!(error, ConnectError::Refused(Refusal::Policy(_))), "{error}");
}

#[tokio::test]
async fn connections_work_and_report_the_kernel_as_the_reason() {
    let kernel = kernel_without(libc::ENOPROTOOPT);
    let protocol = proto_mptcp::mptcp4();
    let bound = protocol.bind(BindSpec::new(loopback(0)), &kernel).expect("it binds");
    let listener = bound.socket.listen().expect("it listens");
    let server = ServerSpec { any_family: true, ..ServerSpec::new(bound.address.clone()) };
    let connectable = protocol.connector(server, &kernel).expect("a connector");
    assert_eq!(connectable.warnings.len(), 1, "{:?}", connectable.warnings);
    let target = Target::new(bound.address);
    let (client, incoming) = tokio::join!(connectable.connector.connect(&target), accept(&*listener));
    let server = incoming.expect("it accepts").into_stream().expect("it registers");
    for stream in [client.expect("it connects"), server] {
        let info = stream.info();
        assert_eq!((info.transport, info.state), ("mptcpv4", State::Fallback(FallbackReason::Kernel)));
        assert_eq!(info.paths.len(), 1, "plain TCP has one path");
    }
}

#[test]
fn an_option_that_this_kernel_does_not_have_for_mptcp_is_a_warning() {
    // Linux before 6.17 has no MSS on MPTCP sockets, so the default is unknown.
    let kind = SocketKind { inet6: false, ipproto: IPPROTO_MPTCP };
    let kernel =
        Kernel::detect().with(kind, SocketSupport { missing: None, default_mss: None }).without(kind, "mss");
    if Kernel::detect().sockets(kind).missing.is_some() {
        return proto_core::conformance::skipped("an_option_that_this_kernel_does_not_have", "no MPTCP here");
    }
    let mut spec = BindSpec::new(loopback(0));
    spec.settings.options.set(SocketOption::Mss(1200));
    let bound = proto_mptcp::mptcp4().bind(spec, &kernel).expect("the bind succeeds");
    let [warning] = bound.warnings.as_slice() else { panic!("one warning: {:?}", bound.warnings) };
    assert_eq!(
        warning.to_string(),
        "127.0.0.1:0 (mptcpv4): option 'mss 1200' is not supported by mptcpv4 on this kernel"
    );
}

#[test]
fn an_inherited_socket_gets_the_default_mss_of_its_protocol_back() {
    let kernel = Kernel::detect();
    for (protocol, ipproto) in [(proto_tcp::tcp4(), IPPROTO_TCP), (proto_mptcp::mptcp4(), IPPROTO_MPTCP)] {
        let kind = SocketKind { inet6: false, ipproto };
        let Some(default) = kernel.sockets(kind).default_mss else {
            proto_core::conformance::skipped(
                "an_inherited_socket_gets_the_default_mss",
                "the default is not known here",
            );
            continue;
        };
        let socket = proto_core::sys::stream_socket(socket2::Domain::IPV4, ipproto, None).expect("a socket");
        socket.bind(&loopback(0).into()).expect("it binds");
        apply::set(socket.as_fd(), &SocketOption::Mss(default / 2 + 100)).expect("it is set");
        let address = socket.local_addr().ok().and_then(|addr| addr.as_socket()).expect("an address");
        let spec = BindSpec { socket: Some(socket.into()), ..BindSpec::new(address) };
        let bound = protocol.bind(spec, &kernel).expect("it is taken over");
        assert_eq!(bound.warnings, []);
        let fd = bound.socket.as_fd().expect("it has a descriptor");
        assert_eq!(apply::holds(fd, &SocketOption::Mss(default)).expect("it can be read"), Some(true));
    }
}
