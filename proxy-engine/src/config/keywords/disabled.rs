//! `disabled` and `enabled` of server lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::Disabled;

inventory::submit! {
    Parameter::new("disabled", Scope::Server, "", "start in maintenance", |endpoint| {
        endpoint.values.set(Disabled(true));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("enabled", Scope::Server, "", "undo 'disabled' of default-server", |endpoint| {
        endpoint.values.set(Disabled(false));
        Ok(())
    })
}
