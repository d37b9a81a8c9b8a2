//! `option httpchk` and `http-check`: requests of HTTP, and what their responses have to be.

use proxy_config::{Directive, Line, Parsed};
use proxy_rules::HookPoint;

use super::entry::{IDLE, WITH_STEPS, check};
use crate::plan::{CheckPlan, Choice, read_step};
use crate::rules::read_option;

check!("httpchk", "[[<method>] <uri> [<version> [<host>]]]", "check servers with a request of HTTP", choose);

fn choose(line: &mut Line<'_, '_>) -> Parsed<Choice> {
    read_option(line).map(Choice::Http)
}

inventory::submit! {
    Directive::new(
        "http-check",
        "connect|send|expect|comment|set-var|set-var-fmt|unset-var ...",
        WITH_STEPS,
        "a step of the checks of 'option httpchk'",
        |line| read_step(line, HookPoint::HttpCheck),
    )
    .idle_in(IDLE)
}

inventory::submit! {
    Directive::new(
        "http-check disable-on-404",
        "",
        WITH_STEPS,
        "a server that responds with 404 gets no new clients",
        |line| {
            CheckPlan::of(line).disable_on_404();
            Ok(())
        },
    )
    .idle_in(IDLE)
}

inventory::submit! {
    Directive::new("http-check send-state", "", WITH_STEPS, "tell servers the state that they are in", |line| {
        CheckPlan::of(line).send_state();
        Ok(())
    })
    .idle_in(IDLE)
}
