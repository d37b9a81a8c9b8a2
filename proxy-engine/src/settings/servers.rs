//! Parameters of server lines: weight, backup, limits, and how a name is resolved.

use std::net::IpAddr;

use proxy_config::{Diagnostic, Parameter, Scope, inventory};

use crate::policy::MAX_WEIGHT;

/// Its share of the work, compared with the others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(pub u16);

inventory::submit! {
    Parameter::new("weight", Scope::Server, "<number>", "share of the work, 0 to 256", |endpoint| {
        let weight = endpoint.args.number(0..=MAX_WEIGHT, "a weight")?;
        endpoint.values.set(Weight(weight));
        Ok(())
    })
}

/// It is used only while no other can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup(pub bool);

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

/// It is out of use until somebody says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disabled(pub bool);

inventory::submit! {
    Parameter::new("disabled", Scope::Server, "", "out of use from the start", |endpoint| {
        endpoint.values.set(Disabled(true));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("enabled", Scope::Server, "", "undoes 'disabled' of default-server", |endpoint| {
        endpoint.values.set(Disabled(false));
        Ok(())
    })
}

/// How much it takes at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Sessions; 0 is no limit.
    pub sessions: usize,
    /// Sessions that wait for it; 0 is no limit.
    pub queue: usize,
}

impl Limits {
    /// A limit, if it is one.
    pub fn limit(number: usize) -> Option<usize> {
        Some(number).filter(|number| *number > 0)
    }
}

const MOST: usize = i32::MAX as usize;

inventory::submit! {
    Parameter::new("maxconn", Scope::Server, "<number>", "sessions at once; more wait in a queue", |endpoint| {
        let sessions = endpoint.args.number(0..=MOST, "sessions at once")?;
        endpoint.values.get_mut::<Limits>().sessions = sessions;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("maxqueue", Scope::Server, "<number>", "sessions that may wait for this server", |endpoint| {
        let queue = endpoint.args.number(0..=MOST, "sessions that wait")?;
        endpoint.values.get_mut::<Limits>().queue = queue;
        Ok(())
    })
}

/// One way to an address at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitAddr {
    /// The address it had before. There is no memory of it yet, so nothing comes of it.
    Last,
    /// The system's resolver.
    Libc,
    /// None: the server waits for one, out of use.
    None,
    /// This one.
    Ip(IpAddr),
}

/// `init-addr`: the ways, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution(pub Vec<InitAddr>);

impl Default for Resolution {
    fn default() -> Resolution {
        Resolution(vec![InitAddr::Last, InitAddr::Libc])
    }
}

inventory::submit! {
    Parameter::new("init-addr", Scope::Server, "<method>[,...]", "ways to an address at the start: last, libc, none, an IP", |endpoint| {
        let word = endpoint.args.word("last, libc, none or an IP address")?;
        let mut ways = Vec::new();
        let mut at = 0;
        for name in word.split(',') {
            ways.push(match name {
                "last" => InitAddr::Last,
                "libc" => InitAddr::Libc,
                "none" => InitAddr::None,
                ip => InitAddr::Ip(ip.parse().map_err(|_| {
                    let place = word.part(at, at + name.len());
                    let problem = Diagnostic::alert(place, format!("'{name}' is no way to an address"));
                    Box::new(problem.expected("last, libc, none or an IP address"))
                })?),
            });
            at += name.len() + 1;
        }
        endpoint.values.set(Resolution(ways));
        Ok(())
    })
}
