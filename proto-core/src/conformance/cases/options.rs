//! Options of bind and server lines: applied, or warned about, and on the connections too.

use std::os::fd::{AsFd, OwnedFd};

use super::super::harness::{block_on, step};
use super::super::listening::{Listening, bind};
use super::super::{Ended, Subject, sys};
use crate::error::Warning;
use crate::options::{Inherited, SocketOption, Stage, apply};
use crate::protocol::connect_within;
use crate::spec::{ServerSpec, Target};
use crate::stream::{Stream, Support};

fn none(subject: &Subject) -> Option<Ended> {
    let why = "it takes no socket options; `.with_options(..)` names some";
    subject.options.is_empty().then(|| Ended::DoesNotApply(why.to_owned()))
}

/// One option, one warning, which names it, the protocol and the line.
fn check_warnings(subject: &Subject, option: &SocketOption, warnings: &[Warning]) {
    let [warning] = warnings else { panic!("one option, one warning: {warnings:?}") };
    let text = warning.to_string();
    assert!(text.contains(&format!("'{option}'")), "a warning names the option '{option}': {text}");
    assert!(text.contains(subject.name()), "a warning names the protocol: {text}");
    assert!(text.contains(&warning.address), "a warning names the address: {text}");
}

pub(super) fn options_are_applied_or_warned_about(subject: &Subject) -> Ended {
    if let Some(ended) = none(subject) {
        return ended;
    }
    for option in &subject.options {
        let (socket, warnings) = bind(subject, [option.clone()]);
        step(format!("look for '{option}' on a bound socket, or for a warning"));
        if !warnings.is_empty() {
            check_warnings(subject, option, &warnings);
            continue;
        }
        let Some(fd) = socket.as_fd() else { continue };
        let holds = apply::holds(fd, option).expect("it can be read back");
        assert_ne!(holds, Some(false), "'{option}' was set and does not hold, and there is no warning");
    }
    Ended::Passed
}

/// The descriptor below a connection: that of its splice end, or the one socket of this process with its addresses.
fn descriptor_of(stream: &dyn Stream) -> Option<OwnedFd> {
    if let Some(end) = stream.splice_read().or(stream.splice_write()) {
        return end.fd().try_clone_to_owned().ok();
    }
    sys::descriptor_between(stream.local_addr().inet()?, stream.peer_addr().inet()?)
}

/// Whether an option is one that a connection has to have.
fn of_a_connection(option: &SocketOption) -> bool {
    let stages = option.spec().stages;
    // Fast Open waits for the first bytes, and which there are the caller says. A signature takes the peer's too.
    let special = matches!(option, SocketOption::FastOpen | SocketOption::Md5Signature(_));
    !special && (stages.contains(&Stage::Fresh) || stages.contains(&Stage::Connecting))
}

pub(super) fn server_options_are_applied_or_warned_about(subject: &Subject) -> Ended {
    if let Some(ended) = none(subject) {
        return ended;
    }
    let listening = Listening::start(subject);
    block_on(async {
        for option in subject.options.iter().filter(|option| of_a_connection(option)) {
            step(format!("make a connector with '{option}'"));
            let mut spec =
                ServerSpec { settings: subject.settings.clone(), ..subject.server(&listening.address) };
            spec.settings.options.set(option.clone());
            let connectable = match subject.protocol.connector(spec, &subject.kernel) {
                Ok(connectable) => connectable,
                Err(error) => panic!("an option is no reason to refuse a server: {error}"),
            };
            if !connectable.warnings.is_empty() {
                check_warnings(subject, option, &connectable.warnings);
                continue;
            }
            step(format!("look for '{option}' on a connection to the server"));
            let target = Target::new(listening.address.clone());
            let connect = connect_within(&*connectable.connector, &target, super::super::harness::STILL);
            let (client, _incoming) = tokio::join!(connect, listening.accept());
            let client = client.expect("it connects");
            let Some(fd) = descriptor_of(&*client) else { continue };
            let holds = apply::holds(fd.as_fd(), option).expect("it can be read back");
            assert_ne!(
                holds,
                Some(false),
                "'{option}' does not hold on a connection, and there is no warning"
            );
        }
    });
    Ended::Passed
}

pub(super) fn options_reach_the_connections(subject: &Subject) -> Ended {
    if let Some(ended) = none(subject) {
        return ended;
    }
    for option in &subject.options {
        let spec = option.spec();
        if spec.inherited != Inherited::Always || !spec.stages.contains(&Stage::Connected) {
            continue;
        }
        let (socket, warnings) = bind(subject, [option.clone()]);
        if !warnings.is_empty() {
            continue;
        }
        block_on(async {
            let listening = Listening::of(subject, socket);
            let (client, server) = listening.pair(subject).await;
            step(format!("look for '{option}' of the listener on its connection"));
            if let Some(fd) = descriptor_of(&*server) {
                let holds = apply::holds(fd.as_fd(), option).expect("it can be read back");
                assert_ne!(holds, Some(false), "'{option}' does not hold on an accepted connection");
            }
            step(format!("set_option '{option}', which the listener took"));
            match client.set_option(option) {
                Ok(Support::Supported | Support::Partly(_)) | Err(_) => {}
                Ok(Support::Unsupported) => {
                    panic!("a connection does not have '{option}', and its listener has")
                }
            }
        });
    }
    Ended::Passed
}
