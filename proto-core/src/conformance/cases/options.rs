//! Options of bind and server lines: applied, or warned about, also on connections.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, RawFd};

use super::super::harness::{STILL, block_on, step};
use super::super::isolated::descriptors;
use super::super::listening::{Listening, bind_as};
use super::super::{Ended, Subject};
use crate::error::{BindError, ConnectError, Refusal, Warning};
use crate::options::{Inherited, SocketOption, Stage, apply};
use crate::protocol::{BoundSocket, connect_within};
use crate::spec::{ServerSpec, Target};
use crate::stream::Support;
use crate::sys::duplicate;

fn none(subject: &Subject) -> Option<Ended> {
    let why = "it has no socket options; declare some with `.with_options(..)`";
    subject.options.is_empty().then(|| Ended::DoesNotApply(why.to_owned()))
}

/// Binds with an option; returns `None` for a transport that refuses the line because of it, with a reason.
fn bind_with(subject: &Subject, option: &SocketOption) -> Option<(Box<dyn BoundSocket>, Vec<Warning>)> {
    step(format!("bind with '{option}'"));
    let mut spec = subject.bind_spec((subject.free)());
    spec.settings.options.set(option.clone());
    match bind_as(subject, spec) {
        Ok(bound) => Some((bound.socket, bound.warnings)),
        Err(BindError::Refused { source: Refusal::Policy(_), .. }) => None,
        Err(error) => panic!("an option that the system refuses is a warning: {error}"),
    }
}

/// Checks that an option has one warning, which contains the option, the protocol and the address.
fn check_warnings(subject: &Subject, option: &SocketOption, warnings: &[Warning]) {
    let [warning] = warnings else { panic!("one warning per option was expected: {warnings:?}") };
    let text = warning.to_string();
    assert!(text.contains(&format!("'{option}'")), "a warning contains the option '{option}': {text}");
    assert!(text.contains(subject.name()), "a warning contains the protocol: {text}");
    assert!(text.contains(&warning.address), "a warning contains the address: {text}");
}

pub(super) fn options_are_applied_or_warned_about(subject: &Subject) -> Ended {
    if let Some(ended) = none(subject) {
        return ended;
    }
    for option in &subject.options {
        let Some((socket, warnings)) = bind_with(subject, option) else { continue };
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

/// Checks that an option holds on a descriptor opened since `before`, if there is one.
fn expect_on_new(before: &BTreeSet<RawFd>, option: &SocketOption, what: &str) {
    let opened =
        descriptors().difference(before).filter_map(|number| duplicate(*number).ok()).collect::<Vec<_>>();
    let answers: Vec<_> = opened.iter().map(|fd| apply::holds(fd.as_fd(), option)).collect();
    // A transport may have opened other descriptors, and some options cannot be read back.
    let holds = answers.is_empty() || answers.iter().any(|answer| matches!(answer, Ok(Some(true) | None)));
    assert!(holds, "'{option}' does not hold on {what}, and there is no warning: {answers:?}");
}

/// Returns whether a connection must have an option.
fn of_a_connection(option: &SocketOption) -> bool {
    let stages = option.spec().stages;
    // Fast Open needs bytes that are ready to be sent, which this connect does not have. A signature must be set on
    // both ends.
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
                Err(ConnectError::Refused(Refusal::Policy(_))) => continue,
                Err(error) => panic!("an option that the system refuses is a warning: {error}"),
            };
            if !connectable.warnings.is_empty() {
                check_warnings(subject, option, &connectable.warnings);
                continue;
            }
            step(format!("look for '{option}' on a connection to the server"));
            let target = Target::new(listening.address.clone());
            let before = descriptors();
            let client = connect_within(&*connectable.connector, &target, STILL).await.expect("it connects");
            expect_on_new(&before, option, "a connection to a server");
            drop(client);
            listening.accept().await;
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
        let Some((socket, warnings)) = bind_with(subject, option) else { continue };
        if !warnings.is_empty() {
            continue;
        }
        block_on(async {
            let listening = Listening::of(subject, socket);
            step("connect");
            let client = listening.connect(subject).await;
            let before = descriptors();
            step(format!("look for '{option}' of the listener on its connection"));
            let _server = listening.accept().await.into_stream().expect("it registers");
            expect_on_new(&before, option, "a connection that its listener accepted");
            step(format!("set_option '{option}', which the listener took"));
            match client.set_option(option) {
                Ok(Support::Supported | Support::Partly(_)) | Err(_) => {}
                Ok(Support::Unsupported(_)) => {
                    panic!("a connection does not have '{option}', but its listener does")
                }
            }
        });
    }
    Ended::Passed
}
