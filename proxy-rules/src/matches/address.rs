//! `ip`: the sample is an address in a network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proxy_config::network::{Network, NetworkV4, NetworkV6};

use crate::cast::as_v4;
use crate::matching::{Comparison, Match, MatchEntry, Pattern, Patterns};
use crate::sample::{Sample, Type};

/// Networks, separated by address family: there may be thousands.
#[derive(Debug, Default)]
struct Networks {
    v4: Vec<NetworkV4>,
    v6: Vec<NetworkV6>,
}

impl Networks {
    fn add(&mut self, network: Network) {
        match network {
            Network::V4(network) => self.v4.push(network),
            Network::V6(network) => self.v6.push(network),
        }
    }

    fn has_v4(&self, address: Ipv4Addr) -> bool {
        self.v4.iter().any(|network| network.contains(address))
    }

    fn has_v6(&self, address: Ipv6Addr) -> bool {
        self.v6.iter().any(|network| network.contains(address))
    }
}

impl Match for Networks {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        match sample {
            Sample::Ip(IpAddr::V4(address)) => self.has_v4(*address) || self.has_v6(address.to_ipv6_mapped()),
            Sample::Ip(IpAddr::V6(address)) => {
                self.has_v6(*address) || as_v4(*address).is_some_and(|address| self.has_v4(address))
            }
            _ => false,
        }
    }
}

fn make(patterns: &Patterns) -> proxy_config::Parsed<Box<dyn Comparison>> {
    let mut networks = Networks::default();
    for pattern in &patterns.list {
        networks.add(pattern.text.parse().map_err(|_| refuse(patterns, pattern))?);
    }
    Ok(Box::new(networks))
}

fn refuse(patterns: &Patterns, pattern: &Pattern) -> proxy_config::Mistake {
    let problem = patterns.bad(pattern, "an address or a network");
    let name = pattern.text.split('/').next().unwrap_or_default();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_name {
        return Box::new(problem.help("names are not resolved in patterns"));
    }
    problem
}

inventory::submit! {
    MatchEntry::new("ip", "<address>[/<mask>]", Type::Ip, "it is an address in one of the networks", make)
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    /// Each was compared with HAProxy.
    #[test]
    fn networks() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("192.0.2.1", &["192.0.2.1", "::ffff:192.0.2.1", "2002:c000:201::5"], &["192.0.2.2", "::1"]),
            ("192.0.2.77/24", &["192.0.2.1", "192.0.2.255"], &["192.0.3.1"]),
            ("192.0.2.0/255.255.255.0", &["192.0.2.1"], &["192.0.3.1"]),
            ("10.0.0.5/255.0.0.255", &["10.1.2.5"], &["10.1.2.6"]),
            ("0.0.0.0/0", &["192.0.2.1"], &["2001:db8::1"]),
            ("2001:db8::/32", &["2001:db8:1::"], &["2001:db9::", "192.0.2.1"]),
            ("::/0", &["2001:db8:1::", "192.0.2.1"], &[]),
            ("::ffff:0:0/96", &["192.0.2.1"], &["::1"]),
        ];
        for (pattern, yes, no) in table {
            for text in *yes {
                assert_eq!(matches("ip", &["198.51.100.1", pattern], text), Ok(true), "{text} in {pattern}");
            }
            for text in *no {
                assert_eq!(matches("ip", &["198.51.100.1", pattern], text), Ok(false), "{text} in {pattern}");
            }
        }
        for bad in ["10", "10.0.0.0/33", "::/129", "::/ffff::", "example.org", "1.2.3.4/x", "1.2.3.4/+8", ""]
        {
            let message = format!("'{bad}' is not an address or a network");
            assert_eq!(matches("ip", &[bad], "192.0.2.1"), Err(message));
        }
    }
}
