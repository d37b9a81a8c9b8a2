//! `-v`, `-vv` and the short forms.
//!
//! Scripts look for `HAProxy version X` and `TARGET = Y` to learn which language they may write, so they find the
//! version of HAProxy whose language this is. It has a line of its own: the first line is Braid's.

use super::facts::{DETECTED, FEATURES, SPOKEN};

/// The version to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `-v`: Braid's, and that of the language.
    Both,
    /// `-vq`: that of the language, complete.
    Spoken,
    /// `-vqs`: its numbers without a suffix.
    SpokenRelease,
    /// `-vqb`: its first two numbers.
    SpokenBranch,
}

/// The day on which this version was released; tools for HAProxy's runtime socket require one.
pub(crate) const RELEASED: &str = "2026/12/01";

/// Returns what is printed, without the last line end.
pub(crate) fn version(kind: Kind) -> String {
    match kind {
        Kind::Both => format!(
            "Braid version {} - a proxy and load balancer with Multipath TCP\n\
             HAProxy version {SPOKEN} - the configuration language that Braid speaks",
            env!("CARGO_PKG_VERSION")
        ),
        Kind::Spoken => SPOKEN.to_owned(),
        Kind::SpokenRelease => release(SPOKEN).to_owned(),
        Kind::SpokenBranch => branch(SPOKEN).to_owned(),
    }
}

/// Returns the head of `-vv`: versions, build, features. `has` answers for features that depend on the machine. What is
/// linked follows, from the registry.
pub(crate) fn build(has: impl Fn(&str) -> bool) -> String {
    let list = |names: &mut dyn Iterator<Item = &str>| -> String {
        names.map(|name| format!(" {}{name}", if has(name) { '+' } else { '-' })).collect()
    };
    format!(
        "{}\nBuild options :\n  TARGET  = {}\n  CPU     = {}\n  OPTIONS = {}\n\n\
         Feature list :{}\nDetected feature list :{}",
        version(Kind::Both),
        target(),
        std::env::consts::ARCH,
        if cfg!(debug_assertions) { "debug assertions" } else { "release" },
        list(&mut FEATURES.iter().map(|(name, _)| *name)),
        list(&mut DETECTED.iter().copied()),
    )
}

/// Returns HAProxy's name for the system.
fn target() -> &'static str {
    if cfg!(target_env = "musl") { "linux-musl" } else { "linux-glibc" }
}

/// Returns the numbers without a suffix: `3.4.1` of `3.4.1-dev5-abcdef-7`.
fn release(version: &str) -> &str {
    let end = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    &version[..end.unwrap_or(version.len())]
}

/// Returns the first two numbers: `3.4` of `3.4.1-dev5`.
fn branch(version: &str) -> &str {
    let release = release(version);
    let end = release.match_indices('.').nth(1).map(|(place, _)| place);
    &release[..end.unwrap_or(release.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_knows_haproxy_finds_version_and_target() {
        let text = build(|_| true);
        let mut found = text.lines().filter(|line| {
            let is_version = line.contains("HAProxy version") || line.contains("HA-Proxy version");
            is_version || line.contains("TARGET") && line.contains('=')
        });
        let version = found.next().unwrap();
        assert_eq!(version.split(' ').nth(2), Some(SPOKEN), "{version}");
        assert!(!version.contains(" = ") && !version.contains(" : "), "{version}");
        let target = found.next().unwrap();
        assert!(target.ends_with(" = linux-glibc") || target.ends_with(" = linux-musl"), "{target}");
        assert_eq!(found.next(), None);
    }

    #[test]
    fn each_version_has_its_day() {
        assert_eq!((env!("CARGO_PKG_VERSION"), RELEASED), ("0.1.0", "2026/12/01"), "both change together");
    }

    #[test]
    fn the_first_line_is_ours() {
        let text = version(Kind::Both);
        let first = text.lines().next().unwrap();
        assert_eq!(first.split(' ').nth(2), Some(env!("CARGO_PKG_VERSION")));
        assert!(first.starts_with("Braid version "), "{first}");
    }

    #[test]
    fn versions_are_shortened() {
        for (whole, numbers, two) in [
            ("3.5-dev5", "3.5", "3.5"),
            ("3.3.1-dev5-1bb975-71", "3.3.1", "3.3"),
            ("3.3.1", "3.3.1", "3.3"),
            ("3", "3", "3"),
        ] {
            assert_eq!((release(whole), branch(whole)), (numbers, two), "{whole}");
        }
        assert_eq!(version(Kind::Spoken), SPOKEN);
    }
}
