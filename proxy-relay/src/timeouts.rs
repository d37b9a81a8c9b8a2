//! How long the two sides of a relay may be idle.

use std::time::Duration;

/// The timeouts of a relay. Without any it waits without limit.
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
    /// The longest time without a byte from this side or to it, while the relay waits for it.
    pub inactivity: Option<Duration>,
    /// The same once one of its directions has been shut down: it has sent its end of file, or the other side's was
    /// passed on to it.
    pub fin: Option<Duration>,
}

impl RelayTimeouts {
    /// Returns the timeout that applies to one of its sides. Half-closed takes precedence over tunnel, and tunnel
    /// over the side's own, as in HAProxy.
    pub(crate) fn inactivity(&self, side: &SideTimeouts, half_closed: bool) -> Option<Duration> {
        let open = self.tunnel.or(side.inactivity);
        if half_closed { side.fin.or(open) } else { open }
    }

    pub(crate) fn is_endless(&self) -> bool {
        let sides = [self.client, self.server];
        self.tunnel.is_none() && sides.iter().all(|side| side.inactivity.is_none() && side.fin.is_none())
    }
}
