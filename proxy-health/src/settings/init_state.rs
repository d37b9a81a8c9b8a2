//! `init-state`: what a server is taken for until it has been checked.

use proxy_config::{Parameter, Scope, Spanned};

use crate::state::InitState;

/// What a server is taken for at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInitState(pub Spanned<InitState>);

inventory::submit! {
    Parameter::new(
        "init-state",
        Scope::Server,
        "fully-up|up|down|fully-down|none",
        "what the server is taken for until it has been checked",
        |endpoint| {
            let states = InitState::NAMES.map(|(name, state)| (name, Some(state)));
            let [fully_up, up, down, fully_down] = states;
            let state = endpoint.args.one_of(&[fully_up, up, down, fully_down, ("none", None)])?;
            let span = endpoint.args.last();
            match state {
                Some(value) => endpoint.values.set(ServerInitState(Spanned { value, span })),
                None => endpoint.values.unset::<ServerInitState>(),
            }
            Ok(())
        },
    )
}
