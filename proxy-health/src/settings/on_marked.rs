//! `on-marked-down`, `on-marked-up`: what happens to sessions when a server goes down or comes up.

use proxy_config::{Parameter, Scope};

/// What happens to sessions when the condition of a server changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnMarked {
    /// Whether the sessions of a server that goes down are ended.
    pub down_ends_sessions: bool,
    /// Whether the sessions of backup servers are ended when a server that is none comes up.
    pub up_ends_backup_sessions: bool,
}

inventory::submit! {
    Parameter::new("on-marked-down", Scope::Server, "shutdown-sessions", "end sessions when the server goes down", |endpoint| {
        endpoint.args.one_of(&[("shutdown-sessions", ())])?;
        endpoint.values.get_mut::<OnMarked>().down_ends_sessions = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new(
        "on-marked-up",
        Scope::Server,
        "shutdown-backup-sessions",
        "end the sessions of backup servers when the server comes up",
        |endpoint| {
            endpoint.args.one_of(&[("shutdown-backup-sessions", ())])?;
            endpoint.values.get_mut::<OnMarked>().up_ends_backup_sessions = true;
            Ok(())
        },
    )
}
