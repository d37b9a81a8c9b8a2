//! `silent-drop`: drops the connection without notifying the client.
//!
//! In order of preference: the kernel forgets the connection without a packet (`TCP_REPAIR`, which takes
//! `CAP_NET_ADMIN`), or the reset that it sends gets no further than the next router. A connection that supports
//! neither is reset.

use proto_core::options::SocketOption;
use proto_core::stream::{Stream, Support};

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SilentDrop {
    /// The TTL of the reset that is sent in any case.
    reset_ttl: Option<u8>,
}

impl Action for SilentDrop {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let client = context.session.client().stream;
        if self.reset_ttl.is_some() || !is_set(client, &SocketOption::Repair) {
            is_set(client, &SocketOption::Ttl(self.reset_ttl.unwrap_or(1)));
            is_set(client, &SocketOption::NoLinger);
        }
        Verdict::Reject
    }

    fn reads_request(&self) -> bool {
        false
    }
}

fn is_set(stream: &dyn Stream, option: &SocketOption) -> bool {
    matches!(stream.set_option(option), Ok(Support::Supported))
}

inventory::submit! {
    ActionEntry::new(
        "silent-drop",
        "[rst-ttl <number>]",
        &HookPoint::OF_CONNECTIONS,
        "close the client's connection without telling the client",
        |action| {
            let reset_ttl = match action.take_word("rst-ttl") {
                true => Some(action.line.args.number(1..=255, "the time to live of the reset")?),
                false => None,
            };
            Ok(Box::new(SilentDrop { reset_ttl }))
        },
    )
}
