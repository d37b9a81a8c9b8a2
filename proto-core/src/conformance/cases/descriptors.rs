//! The descriptors of connections that have ended and of attempts that have failed.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

use super::super::harness::{block_on, step};
use super::super::isolated::descriptors;
use super::super::listening::{Listening, connect_to};
use super::super::{Ended, Subject};
use crate::spec::BindSpec;

pub(super) fn leaves_no_descriptor_behind(subject: &Subject) -> Ended {
    counted("connections end in every way", || connections(subject));
    counted("binds fail", || failing_binds(subject));
    counted("connects fail", || failing_connects(subject));
    Ended::Passed
}

fn counted(what: &str, round: impl Fn()) {
    // The first round creates what is created once and kept.
    step(what);
    round();
    let before = descriptors();
    round();
    step(format!("count descriptors after this: {what}"));
    let after = descriptors();
    assert_eq!(
        after.len(),
        before.len(),
        "descriptors of this process, after and before: {after:?} {before:?}"
    );
}

fn connections(subject: &Subject) {
    block_on(async {
        let listening = Listening::start(subject);
        for turn in 0..20 {
            let (client, server) = listening.pair(subject).await;
            match turn % 4 {
                0 => drop((client, server)),
                1 => client.abort(),
                2 => drop(client.detach().expect("it detaches")),
                _ => drop(server.detach().expect("it detaches").into_stream().expect("it registers")),
            }
        }
        let unserved = listening.connect(subject).await;
        drop(listening);
        drop(unserved);
    });
}

fn failing_binds(subject: &Subject) {
    block_on(async {
        let listening = Listening::start(subject);
        for _ in 0..10 {
            // Another case checks whether it fails.
            let _ = subject.protocol.bind(subject.bind_spec(listening.bound.clone()), &subject.kernel);
            let foreign: OwnedFd = UnixDatagram::unbound().expect("a socket").into();
            let spec = BindSpec { socket: Some(foreign), ..subject.bind_spec((subject.free)()) };
            let _ = subject.protocol.bind(spec, &subject.kernel);
        }
    });
}

fn failing_connects(subject: &Subject) {
    if let Some(nobody) = &subject.nobody {
        block_on(async {
            for _ in 0..10 {
                let _ = connect_to(subject, nobody).await;
            }
        });
    }
}
