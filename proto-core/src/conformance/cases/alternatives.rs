//! A server with several addresses, and the one that is connected to.

use std::sync::Arc;

use tokio::time::Instant;

use super::super::harness::{STILL, block_on, step};
use super::super::listening::{Listening, connector};
use super::super::{Ended, Subject};
use crate::address::Address;
use crate::protocol::connect_within;
use crate::spec::Target;

pub(super) fn the_peer_is_the_address_that_won(subject: &Subject) -> Ended {
    let Some(nobody) = &subject.nobody else {
        return Ended::DoesNotApply(
            "no address is known on which nothing listens; declare one with `.nobody_at(..)`".to_owned(),
        );
    };
    let listening = Listening::start(subject);
    let address = &listening.address;
    let tries_several = connector(subject, address).tries_alternatives();
    let attempt = |preferred: &Address, other: &Address| {
        let (connector, deadline) = (connector(subject, preferred), Some(Instant::now() + STILL));
        let alternatives = Some(Arc::from([other.clone()]));
        let target = Target { alternatives, deadline, ..Target::new(preferred.clone()) };
        async move { connect_within(&*connector, &target, STILL).await }
    };
    block_on(async {
        step("connect to a listener, with itself as the alternative");
        let stream = attempt(address, address).await.expect("it connects");
        assert_eq!(&stream.peer_addr(), address, "the peer of the stream");
        step(format!("connect to a listener, with the alternative {nobody}, where nothing listens"));
        let stream = attempt(address, nobody).await.expect("the preferred address answers");
        assert_eq!(&stream.peer_addr(), address, "the peer of the stream");
        if !tries_several {
            return;
        }
        step(format!("connect to {nobody}, where nothing listens, with a listener as the alternative"));
        let stream = attempt(nobody, address).await.expect("the alternative answers");
        assert_eq!(&stream.peer_addr(), address, "the peer of the stream");
    });
    Ended::Passed
}
