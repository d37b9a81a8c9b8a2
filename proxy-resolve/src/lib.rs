//! Names of servers at run time: `resolvers` sections, without I/O.
//!
//! * [`message`]: questions, and what is made of answers. [`DomainName`]: a name in them.
//! * [`Resolver`]: all names of a section, when each is asked about, and what its requesters learn. [`Records`]: what is
//!   known of a name, and the choice of one of its addresses. [`Service`]: the servers that SRV records define.
//! * [`Failure`], [`Status`]: why there is no answer. [`Counters`]: what has happened with a name server.
//! * [`settings`]: the keywords of sections and of server lines, and the types that they store.
//!
//! Nothing here has a clock, a socket or a source of randomness: the caller passes the time and what it has received.

mod counters;
mod failure;
pub mod message;
mod name;
mod policy;
mod records;
mod requester;
mod resolution;
mod resolver;
mod service;
pub mod settings;

pub use counters::{Counted, Counters, shown};
pub use failure::{Failure, Status};
pub use name::DomainName;
pub use policy::{Families, Family, Holds, Preference, ResolverPolicy};
pub use records::{Choice, Known, Records};
pub use requester::Requester;
pub use resolver::{Event, Key, Resolver};
pub use service::{Change, Service};
