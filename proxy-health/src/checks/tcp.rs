//! `option tcp-check` and `tcp-check`: steps of bytes.

use proxy_config::{Directive, Line, Parsed};
use proxy_rules::HookPoint;

use super::entry::{IDLE, WITH_STEPS, check};
use crate::plan::{Choice, read_step};

check!("tcp-check", "", "check servers with the steps of 'tcp-check'", choose);

fn choose(_: &mut Line<'_, '_>) -> Parsed<Choice> {
    Ok(Choice::Tcp)
}

inventory::submit! {
    Directive::new(
        "tcp-check",
        "connect|send|send-lf|send-binary|send-binary-lf|expect|comment|set-var|set-var-fmt|unset-var ...",
        WITH_STEPS,
        "a step of the checks of 'option tcp-check'",
        |line| read_step(line, HookPoint::TcpCheck),
    )
    .idle_in(IDLE)
}
