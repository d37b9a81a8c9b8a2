//! How long the two sides of a relay may be idle.

use std::time::Duration;

/// The limits of a relay. Without any it waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// HAProxy's `timeout client` and `timeout client-fin`.
    pub client: SideLimits,
    /// HAProxy's `timeout server` and `timeout server-fin`.
    pub server: SideLimits,
    /// HAProxy's `timeout tunnel`: replaces `inactivity` of both sides.
    pub tunnel: Option<Duration>,
}

/// The limits of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideLimits {
    /// How long no byte may come from this side or be taken by it, while it is waited for.
    pub inactivity: Option<Duration>,
    /// The same once one of its directions is shut: it has sent its end of file, or has been sent the other's.
    pub fin: Option<Duration>,
}

impl Limits {
    /// What applies to one of its sides. Half-closed wins over tunnel, and tunnel over the side's own, as in HAProxy.
    pub(crate) fn inactivity(&self, side: &SideLimits, half_closed: bool) -> Option<Duration> {
        let open = self.tunnel.or(side.inactivity);
        if half_closed { side.fin.or(open) } else { open }
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        let limits = [self.client, self.server];
        self.tunnel.is_none() && limits.iter().all(|side| side.inactivity.is_none() && side.fin.is_none())
    }
}
