//! A kernel without MPTCP: TCP with a warning, or an error where the line requires MPTCP. The kernel is injected.

use std::net::SocketAddr;

use proto_core::Protocol;
use proto_core::error::{ConnectError, Refusal};
use proto_core::info::{FallbackReason, State};
use proto_core::kernel::{Kernel, SocketKind, SocketSupport};
use proto_core::protocol::accept;
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::sys::IPPROTO_MPTCP;
use proto_core::transport::Policy;

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A kernel that answers `errno` to a request for an MPTCP socket.
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
fn an_error_of_another_kind_is_no_reason_to_fall_back() {
    let error = proto_mptcp::mptcp4().bind(BindSpec::new(loopback(0)), &kernel_without(libc::ENOMEM));
    let text = error.expect_err("it fails").to_string();
    assert!(text.contains("cannot create a socket for 127.0.0.1:0"), "{text}");
}

#[test]
fn required_it_is_an_error() {
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
async fn connections_work_and_say_that_the_kernel_is_why() {
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
