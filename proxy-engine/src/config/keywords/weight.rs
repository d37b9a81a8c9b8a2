//! `weight` of server lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::{MAX_WEIGHT, Weight};

inventory::submit! {
    Parameter::new("weight", Scope::Server, "<number>", "share of the load, 0 to 256", |endpoint| {
        let weight = endpoint.args.number(0..=MAX_WEIGHT, "a weight")?;
        endpoint.values.set(Weight(weight));
        Ok(())
    })
}
