//! Settings of server lines: weight, role, limits, and how the name is resolved.

use std::net::IpAddr;
use std::time::Duration;

/// The largest weight.
pub const MAX_WEIGHT: u16 = 256;

/// The effective weight of a server of weight 1 outside of a slow start. HAProxy's; it decides how fine the steps of a
/// slow start are, how often a window of round robin begins, and how many points a server has on a ring.
pub const WEIGHT_SCALE: u32 = 16;

/// `weight`: the server's share of the load relative to the others, up to [`MAX_WEIGHT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(pub u16);

impl Default for Weight {
    fn default() -> Weight {
        Weight(1)
    }
}

/// `backup`: the server is used only while no primary server is usable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup(pub bool);

/// `disabled`: the server starts in maintenance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disabled(pub bool);

/// `slowstart`: the time in which the weight of a server rises once it is up again, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlowStart(pub Duration);

/// `maxconn`, `minconn` and `maxqueue` of a server. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLimits {
    /// The limit of concurrent sessions.
    pub maxconn: Option<usize>,
    /// The limit of concurrent sessions while the backend is idle; 0 if that is the same.
    pub minconn: usize,
    /// The limit of sessions that wait for this server.
    pub maxqueue: Option<usize>,
}

/// One method to find the address of a server at start-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitAddr {
    /// The last known address. Addresses are not saved yet, so this method never finds any.
    Last,
    /// The system's resolver.
    Libc,
    /// No address: the server starts in maintenance until it is given one.
    None,
    /// This address.
    Ip(IpAddr),
}

/// `init-addr`: the methods, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitAddrs(pub Vec<InitAddr>);

impl Default for InitAddrs {
    fn default() -> InitAddrs {
        InitAddrs(vec![InitAddr::Last, InitAddr::Libc])
    }
}
