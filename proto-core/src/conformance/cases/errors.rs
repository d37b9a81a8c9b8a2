//! Errors contain the step and the address, and keep the system's error number.

use super::super::harness::{block_on, step};
use super::super::listening::{Listening, bind_as, connect_to};
use super::super::{Ended, Subject};
use crate::error::{BindError, ConnectError, ConnectFailure, Step};

pub(super) fn connecting_to_nobody_is_refused(subject: &Subject) -> Ended {
    let Some(nobody) = &subject.nobody else {
        return Ended::DoesNotApply(
            "no address is known on which nothing listens; declare one with `.nobody_at(..)`".to_owned(),
        );
    };
    step(format!("connect to {nobody}, where nothing listens"));
    let error = block_on(connect_to(subject, nobody)).expect_err("nothing listens there");
    assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
    assert!(error.to_string().contains(&nobody.to_string()), "the error names the address: {error}");
    let ConnectError::System { step: at, address, source } = &error else {
        panic!("ConnectError::System was expected, not {error:?}")
    };
    assert_eq!((at, address), (&Step::Connect, nobody), "the step and the address of the error");
    assert!(source.raw_os_error().is_some(), "the system's number is lost: {source:?}");
    Ended::Passed
}

pub(super) fn errors_keep_their_number(subject: &Subject) -> Ended {
    block_on(async {
        let listening = Listening::start(subject);
        let taken = listening.bound.clone();
        step(format!("bind to {taken}, where a socket listens"));
        match bind_as(subject, subject.bind_spec(taken.clone())) {
            Ok(_) => panic!("an address that is in use was bound"),
            Err(BindError::Refused { source, .. }) => return Ended::DoesNotApply(source.to_string()),
            Err(BindError::System { step: at, address, source }) => {
                assert_eq!((at, &address), (Step::Bind, &taken), "the step and the address of the error");
                assert_eq!(source.raw_os_error(), Some(libc::EADDRINUSE), "the error number of {source:?}");
            }
        }
        step("connect to the listener that was there first");
        listening.pair(subject).await;
        drop(listening);
        step(format!("bind to {taken} again, which is free now"));
        let bound =
            bind_as(subject, subject.bind_spec(taken.clone())).expect("dropping releases the address");
        assert_eq!(bound.address, taken);
        Ended::Passed
    })
}
