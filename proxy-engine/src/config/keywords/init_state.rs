//! `init-state` of server lines.

use proto_core::words::nearest;
use proxy_config::{Diagnostic, Parameter, Scope, inventory};

use crate::policy::{InitState, InitStates};

/// The words, with their states.
const STATES: [(&str, Option<InitState>); 5] = [
    ("none", None),
    ("fully-up", Some(InitState::FullyUp)),
    ("up", Some(InitState::Up)),
    ("down", Some(InitState::Down)),
    ("fully-down", Some(InitState::FullyDown)),
];

inventory::submit! {
    Parameter::new("init-state", Scope::Server, "none|fully-up|up|down|fully-down", "state at the start, and after maintenance", |endpoint| {
        let word = endpoint.args.word("none, fully-up, up, down or fully-down")?;
        let Some((_, state)) = STATES.iter().find(|(name, _)| word.text == *name) else {
            let problem = Diagnostic::alert(word.span, format!("unknown state '{}' of 'init-state'", word.text));
            let near = nearest(&word.text, STATES.iter().map(|(name, _)| *name));
            return Err(Box::new(problem.nearest(near).expected("none, fully-up, up, down or fully-down")));
        };
        endpoint.values.set(InitStates(*state));
        Ok(())
    })
}
