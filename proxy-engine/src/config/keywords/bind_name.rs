//! `name` of bind lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::BindName;

inventory::submit! {
    Parameter::new("name", Scope::Bind, "<name>", "name of the listener", |endpoint| {
        let name = endpoint.args.word("a name")?.text.clone();
        endpoint.values.set(BindName(name));
        Ok(())
    })
}
