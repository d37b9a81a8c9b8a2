//! The keywords of `resolvers` sections and those of server lines, and the types that they store.

mod accept_family;
mod hold;
mod limits;
mod name_server;
mod resolv_conf;
mod server;
mod time;
mod timeouts;

pub use accept_family::AcceptFamily;
pub use name_server::{NameServerLine, NameServers};
pub use resolv_conf::{FILE, system_servers};
pub use server::{ResolveOptions, ResolversName};

use proxy_config::Values;

use crate::policy::ResolverPolicy;

/// The policy of a section as far as its lines say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectionPolicy(pub ResolverPolicy);

impl SectionPolicy {
    fn of(values: &mut Values) -> &mut ResolverPolicy {
        &mut values.get_mut::<SectionPolicy>().0
    }
}
