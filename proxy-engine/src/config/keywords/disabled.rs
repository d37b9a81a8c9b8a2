//! `disabled` and `enabled` of server lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::Disabled;

inventory::submit! {
    Parameter::new("disabled", Scope::Server, "", "out of use from the start", |endpoint| {
        endpoint.values.set(Disabled(true));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("enabled", Scope::Server, "", "undoes 'disabled' of default-server", |endpoint| {
        endpoint.values.set(Disabled(false));
        Ok(())
    })
}
