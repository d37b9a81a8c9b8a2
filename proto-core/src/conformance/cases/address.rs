//! An address is printed, read through the registry, and has to be the same address again.

use super::super::harness::{block_on, step};
use super::super::listening::{Listening, connect_to};
use super::super::{Ended, Subject};
use super::runtime::poll_once;
use crate::address::{Address, Parser, Rules, UnixAddress};
use crate::family::Family;
use crate::protocol::accept;
use crate::registry::Registry;

/// A text that selects the subject, and the address that it means.
struct Spelled {
    text: String,
    address: Address,
}

/// Reads a text, if it selects the subject.
fn read(subject: &Subject, registry: &Registry, text: &str) -> Option<Spelled> {
    let rules = Rules::BIND.with_any_port();
    let spec = Parser::new(registry, &rules).parse_expanded(text).ok()?;
    let address = spec.addresses().ok().filter(|all| all.len() == 1)?.remove(0);
    let protocol = registry.select(&spec.selector, address.family())?;
    if protocol.descriptor().name != subject.name() {
        return None;
    }
    let printed = spec.to_string();
    let again = Parser::new(registry, &rules).parse_expanded(&printed);
    assert_eq!(again.as_ref(), Ok(&spec), "'{text}' prints as '{printed}', which is read as something else");
    Some(Spelled { text: text.to_owned(), address })
}

/// Returns the part of an address after the prefix.
fn host(address: &Address) -> String {
    match address {
        Address::Inet(inet) => inet.to_string(),
        Address::Unix(UnixAddress::Path(path)) => path.display().to_string(),
        Address::Unix(UnixAddress::Abstract { name, .. }) => name.clone(),
        Address::Unix(UnixAddress::Unnamed) => String::new(),
        Address::Other(other) => other.host().to_owned(),
    }
}

/// Returns all texts that select the subject and end with a host, read as an address of a family: without a prefix,
/// and with every prefix that there is.
fn spellings(subject: &Subject, registry: &Registry, host: &str, family: Family) -> Vec<Spelled> {
    let prefixes = registry.prefixes().filter(|prefix| !prefix.is_modifier()).map(|prefix| prefix.text);
    let texts = std::iter::once("").chain(prefixes).map(|prefix| format!("{prefix}{host}"));
    let found = texts.filter_map(|text| read(subject, registry, &text));
    found.filter(|spelled| spelled.address.family() == family).collect()
}

/// Returns the same host in upper and lower case, and with zeros before its numbers.
fn variants(host: &str) -> Vec<String> {
    let mut zeroes = String::new();
    let mut before = ' ';
    for character in host.chars() {
        if character.is_ascii_digit() && !before.is_ascii_alphanumeric() {
            zeroes.push_str("00");
        }
        zeroes.push(character);
        before = character;
    }
    let mut all = vec![host.to_ascii_uppercase(), host.to_ascii_lowercase(), zeroes];
    all.retain(|variant| variant != host);
    all
}

pub(super) fn an_address_reads_as_it_prints(subject: &Subject) -> Ended {
    let Some(registry) = subject.registry() else {
        return Ended::DoesNotApply(
            "nothing registers it here; declare it with `.registered_by(..)`".to_owned(),
        );
    };
    block_on(async {
        let listening = Listening::start(subject);
        for address in [&listening.bound, &listening.address] {
            let text = address.to_string();
            step(format!("read back '{text}', which the address is printed as"));
            let found = spellings(subject, &registry, &host(address), address.family());
            assert!(!found.is_empty(), "no prefix selects {address}");
            for Spelled { text, address: read } in &found {
                assert_eq!(read, address, "'{text}' as it is read");
            }
            // Internet addresses are printed without a prefix, and then belong to another protocol.
            if address.inet().is_none() {
                let read = read(subject, &registry, &text);
                let read = read.unwrap_or_else(|| panic!("'{text}' does not select {}", subject.name()));
                assert_eq!(&read.address, address, "'{text}' as it is read");
            }
        }
        let family = listening.address.family();
        for variant in variants(&host(&listening.address)) {
            for Spelled { text, address } in spellings(subject, &registry, &variant, family) {
                if address == listening.address {
                    continue;
                }
                step(format!(
                    "connect to '{text}', which is read as another address than {}",
                    listening.address
                ));
                let client = connect_to(subject, &address).await;
                let mut accepting = std::pin::pin!(accept(&*listening.listener));
                // If the connection arrived here it is ready at once; the short wait covers transports that need a
                // wake-up.
                let mut here = poll_once(accepting.as_mut()).is_ready();
                if client.is_ok() && !here {
                    let short = std::time::Duration::from_millis(200);
                    here = tokio::time::timeout(short, accepting).await.is_ok();
                }
                assert!(
                    !here,
                    "'{text}' reaches {} but is not the same address: one address has two spellings",
                    listening.address
                );
            }
        }
    });
    Ended::Passed
}
