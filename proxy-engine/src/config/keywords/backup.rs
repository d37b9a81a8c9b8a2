//! `backup` and `no-backup` of server lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::Backup;

inventory::submit! {
    Parameter::new("backup", Scope::Server, "", "used only while no other server can be", |endpoint| {
        endpoint.values.set(Backup(true));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("no-backup", Scope::Server, "", "undoes 'backup' of default-server", |endpoint| {
        endpoint.values.set(Backup(false));
        Ok(())
    })
}
