//! What a section says about resolving, and what a server prefers of several addresses.

use std::net::IpAddr;
use std::time::Duration;

use proxy_config::Network;

use crate::failure::Status;
use crate::message::RecordType;

/// How long something stays as it was after the last answer (`hold`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// How long an answer may be used again, by rules that resolve names.
    pub valid: Duration,
    /// How long a server stays in use while its name does not exist.
    pub nx: Duration,
    /// The same while no server answers.
    pub timeout: Duration,
    /// The same while servers refuse the question.
    pub refused: Duration,
    /// The same after other failures.
    pub other: Duration,
    /// How long a record counts that answers do not have any more.
    pub obsolete: Duration,
}

/// HAProxy's.
impl Default for Holds {
    fn default() -> Holds {
        let long = Duration::from_secs(30);
        Holds {
            valid: Duration::from_secs(10),
            nx: long,
            timeout: long,
            refused: long,
            other: long,
            obsolete: Duration::ZERO,
        }
    }
}

impl Holds {
    /// Returns how long after the last answer a failure changes nothing.
    pub fn after(&self, status: Status) -> Duration {
        match status {
            Status::Valid => Duration::ZERO,
            Status::NoSuchName => self.nx,
            Status::TimedOut => self.timeout,
            Status::Refused => self.refused,
            Status::Other => self.other,
        }
    }
}

/// The settings of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolverPolicy {
    /// The times for which things stay as they were.
    pub holds: Holds,
    /// The time from the end of one resolution to the begin of the next (`timeout resolve`).
    pub interval: Duration,
    /// The time after which a question is repeated (`timeout retry`).
    pub retry: Duration,
    /// The number of questions until resolving has failed (`resolve_retries`).
    pub tries: u32,
    /// The size of the largest message, in bytes (`accepted_payload_size`).
    pub payload: u16,
}

impl Default for ResolverPolicy {
    fn default() -> ResolverPolicy {
        ResolverPolicy {
            holds: Holds::default(),
            interval: Duration::from_secs(1),
            retry: Duration::from_secs(1),
            tries: 3,
            payload: 512,
        }
    }
}

/// The families of addresses that answers may have (`dns-accept-family`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Families {
    /// Whether those of IPv4 are accepted.
    pub v4: bool,
    /// Whether those of IPv6 are accepted.
    pub v6: bool,
}

impl Families {
    /// Both families.
    pub const BOTH: Families = Families { v4: true, v6: true };

    /// Returns whether an address is of an accepted family.
    pub fn accept(self, ip: IpAddr) -> bool {
        if ip.is_ipv4() { self.v4 } else { self.v6 }
    }

    /// Returns the records to ask for first.
    pub fn first(self, prefers: Family) -> RecordType {
        match (self, prefers) {
            (Families { v6: false, .. }, _) => RecordType::A,
            (Families { v4: false, .. }, _) => RecordType::Aaaa,
            (_, Family::V4) => RecordType::A,
            (_, Family::V6) => RecordType::Aaaa,
        }
    }
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Addresses of IPv4.
    V4,
    /// Addresses of IPv6, which HAProxy prefers.
    #[default]
    V6,
}

impl Family {
    /// Returns whether an address is of this family.
    pub fn has(self, ip: IpAddr) -> bool {
        ip.is_ipv4() == (self == Family::V4)
    }
}

/// What a server prefers of several addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preference {
    /// The family.
    pub family: Family,
    /// Networks whose addresses are preferred, in their order.
    pub networks: Vec<Network>,
    /// Whether it may have the address of another server of its backend.
    pub shares_address: bool,
    /// Whether the weights of SRV records do not concern it.
    pub ignores_weight: bool,
}
