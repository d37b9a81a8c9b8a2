//! `expect-proxy`, `expect-netscaler-cip`: rules that choose the clients of a listener whose connections begin with
//! a header.

use std::sync::Arc;

use proto_core::layer::Layer;
use proxy_config::Parsed;
use proxy_rules::action::{Action, ActionArguments, ActionEntry};
use proxy_rules::{Context, HookPoint, Verdict};

use crate::accept_cip::AcceptCip;
use crate::accept_proxy::AcceptProxy;

/// Puts a layer on the connection.
#[derive(Debug)]
struct Expect(Arc<dyn Layer>);

impl Action for Expect {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.layers.push(Arc::clone(&self.0));
        Verdict::Continue
    }
}

fn expect(action: &mut ActionArguments<'_, '_, '_>, layer: impl Layer + 'static) -> Parsed<Box<dyn Action>> {
    action.line.args.one_of(&[("layer4", ())])?;
    Ok(Box::new(Expect(Arc::new(layer))))
}

inventory::submit! {
    ActionEntry::new(
        "expect-proxy",
        "layer4",
        &[HookPoint::TcpConnection],
        "the client begins with a PROXY header",
        |action| expect(action, AcceptProxy),
    )
}

inventory::submit! {
    ActionEntry::new(
        "expect-netscaler-cip",
        "layer4",
        &[HookPoint::TcpConnection],
        "the client begins with a NetScaler client IP header, of the magic number 0 unless the bind line has another",
        // As in HAProxy: a rule has no number, and on a bind line that has one every client begins with such a
        // header anyway.
        |action| expect(action, AcceptCip { magic: 0 }),
    )
}
