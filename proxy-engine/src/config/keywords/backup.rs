//! `backup` and `no-backup` of server lines.

use proxy_config::{Parameter, Scope, inventory};

use crate::policy::Backup;

inventory::submit! {
    Parameter::new("backup", Scope::Server, "", "use this server only while no other is usable", |endpoint| {
        endpoint.values.set(Backup(true));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("no-backup", Scope::Server, "", "undo 'backup' of default-server", |endpoint| {
        endpoint.values.set(Backup(false));
        Ok(())
    })
}
