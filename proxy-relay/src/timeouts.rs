//! How long the two sides of a relay may be idle.

use std::time::Duration;

/// The timeouts of a relay. Without any it waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelayTimeouts {
    /// HAProxy's `timeout client` and `timeout client-fin`.
    pub client: SideTimeouts,
    /// HAProxy's `timeout server` and `timeout server-fin`.
    pub server: SideTimeouts,
    /// HAProxy's `timeout tunnel`: replaces `inactivity` of both sides.
    pub tunnel: Option<Duration>,
}

/// The timeouts of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideTimeouts {
    /// How long no byte may come from this side or be taken by it, while it is waited for.
    pub inactivity: Option<Duration>,
    /// The same once one of its directions is shut: it has sent its end of file, or has been sent the other's.
    pub fin: Option<Duration>,
}

impl RelayTimeouts {
    /// What applies to one of its sides. Half-closed wins over tunnel, and tunnel over the side's own, as in HAProxy.
    pub(crate) fn inactivity(&self, side: &SideTimeouts, half_closed: bool) -> Option<Duration> {
        let open = self.tunnel.or(side.inactivity);
        if half_closed { side.fin.or(open) } else { open }
    }

    pub(crate) fn is_endless(&self) -> bool {
        let sides = [self.client, self.server];
        self.tunnel.is_none() && sides.iter().all(|side| side.inactivity.is_none() && side.fin.is_none())
    }
}
