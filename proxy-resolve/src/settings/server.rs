//! `resolvers`, `resolve-prefer`, `resolve-net` and `resolve-opts` of server lines.

use proto_core::words::nearest;
use proxy_config::endpoint::Servers;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Kind, Network, Parameter, Parsed, Scope, Spanned, Word,
    inventory,
};

use crate::policy::{Family, Preference};

/// Sets an option of a server.
type SetOption = fn(&mut Preference);

/// The most networks of `resolve-net`. HAProxy's.
const MOST_NETWORKS: usize = 5;

/// The name of the section that resolves the name of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolversName(pub Spanned<String>);

/// What a server prefers of several addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolveOptions(pub Preference);

inventory::submit! {
    Parameter::new("resolvers", Scope::Server, "<name>", "the section that resolves the name of the server", |endpoint| {
        let word = endpoint.args.word("the name of a resolvers section")?;
        let name = Spanned { value: word.text.clone(), span: word.span };
        endpoint.values.set(ResolversName(name));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("resolve-prefer", Scope::Server, "ipv4|ipv6", "the family of addresses that is preferred", |endpoint| {
        let family = endpoint.args.one_of(&[("ipv4", Family::V4), ("ipv6", Family::V6)])?;
        endpoint.values.get_mut::<ResolveOptions>().0.family = family;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("resolve-net", Scope::Server, "<network>[,...]", "networks whose addresses are preferred", |endpoint| {
        let word = endpoint.args.word("a list of networks")?;
        let networks = list(word, |name| name.parse::<Network>().ok(), "network", "a list of networks")?;
        let preference = &mut endpoint.values.get_mut::<ResolveOptions>().0;
        preference.networks.extend(networks);
        if preference.networks.len() > MOST_NETWORKS {
            let message = format!("'resolve-net' has more than {MOST_NETWORKS} networks");
            return Err(Box::new(Diagnostic::alert(word.span, message)));
        }
        Ok(())
    })
}

inventory::submit! {
    Parameter::new(
        "resolve-opts",
        Scope::Server,
        "allow-dup-ip|ignore-weight|prevent-dup-ip[,...]",
        "whether servers share addresses, and whether weights of SRV records count",
        |endpoint| {
            const OPTIONS: &[(&str, SetOption)] = &[
                ("allow-dup-ip", |preference| preference.shares_address = true),
                ("ignore-weight", |preference| preference.ignores_weight = true),
                ("prevent-dup-ip", |preference| preference.shares_address = false),
            ];
            let expected = "a list of allow-dup-ip, ignore-weight and prevent-dup-ip";
            let word = endpoint.args.word(expected)?;
            let find = |name: &str| OPTIONS.iter().find(|(option, _)| *option == name).map(|(_, set)| *set);
            let preference = &mut endpoint.values.get_mut::<ResolveOptions>().0;
            list(word, find, "option", expected)?.into_iter().for_each(|set| set(preference));
            Ok(())
        },
    )
}

/// Reads the parts of a word between commas.
fn list<T>(word: &Word, read: impl Fn(&str) -> Option<T>, what: &str, expected: &str) -> Parsed<Vec<T>> {
    let (mut found, mut at) = (Vec::new(), 0);
    for name in word.split(',') {
        found.push(read(name).ok_or_else(|| {
            let problem =
                Diagnostic::alert(word.part(at, at + name.len()), format!("unknown {what} '{name}'"));
            Box::new(problem.expected(expected))
        })?);
        at += name.len() + 1;
    }
    Ok(found)
}

/// The section that exists without being written, if the system has name servers.
pub(crate) const DEFAULT: &str = "default";

inventory::submit! { Check { name: "resolvers sections", run: check } }

/// Checks that the sections exist that servers name.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let names = || configuration.shared(Kind::Resolvers).map(|section| &*section.name.value);
    let mut reported = None;
    for section in configuration.backends() {
        for server in section.get::<Servers>().map_or(&[][..], |servers| &servers.0) {
            let Some(ResolversName(name)) = server.parameters.values.get() else { continue };
            // The servers of a template have the same word.
            let is_known = name.value == DEFAULT || names().any(|known| known == name.value);
            if !is_known && reported.replace(name.span) != Some(name.span) {
                let message = format!("there is no resolvers section '{name}'");
                let problem = Diagnostic::alert(name.span, message);
                diagnostics.push(problem.nearest(nearest(&name.value, names())));
            }
        }
    }
}
