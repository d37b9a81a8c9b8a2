//! `observe`, `on-error`, `error-limit`: errors of ordinary traffic count like failed checks.

use proxy_config::{Parameter, Scope, Spanned};

use crate::state::{ObservedLayer, Observer, OnError};

/// What is observed about the traffic of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observe {
    /// The layer, if anything is.
    pub layer: Option<Spanned<ObservedLayer>>,
    /// What happens after too many errors.
    pub on_error: OnError,
    /// How many are too many.
    pub limit: u32,
}

impl Default for Observe {
    fn default() -> Observe {
        Observe { layer: None, on_error: OnError::default(), limit: Observer::LIMIT }
    }
}

impl Observe {
    /// Returns an observer, if anything is observed.
    pub fn observer(&self) -> Option<Observer> {
        self.layer.as_ref().map(|layer| Observer::new(layer.value, self.on_error, self.limit))
    }
}

inventory::submit! {
    Parameter::new("observe", Scope::Server, "layer4|layer7|none", "let errors of traffic count like checks", |endpoint| {
        let layer = endpoint.args.one_of(&[
            ("layer4", Some(ObservedLayer::Layer4)),
            ("layer7", Some(ObservedLayer::Layer7)),
            ("none", None),
        ])?;
        let span = endpoint.args.last();
        endpoint.values.get_mut::<Observe>().layer = layer.map(|value| Spanned { value, span });
        Ok(())
    })
}

inventory::submit! {
    Parameter::new(
        "on-error",
        Scope::Server,
        "fastinter|fail-check|sudden-death|mark-down",
        "what happens after too many errors of traffic",
        |endpoint| {
            let on_error = endpoint.args.one_of(&OnError::NAMES)?;
            endpoint.values.get_mut::<Observe>().on_error = on_error;
            Ok(())
        },
    )
}

inventory::submit! {
    Parameter::new("error-limit", Scope::Server, "<count>", "how many errors of traffic in a row are too many", |endpoint| {
        let limit = endpoint.args.number(1..=i32::MAX as u32, "how many errors are too many")?;
        endpoint.values.get_mut::<Observe>().limit = limit;
        Ok(())
    })
}
