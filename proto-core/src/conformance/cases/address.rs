//! From an address to its text, through the registry, and back to the same address.

use super::super::harness::{block_on, step};
use super::super::listening::{Listening, connect_to};
use super::super::{Ended, Subject};
use super::runtime::poll_once;
use crate::address::{Address, Parser, Rules, UnixAddress};
use crate::family::Family;
use crate::protocol::accept;
use crate::registry::Registry;

/// A text that leads to the subject, and the address it means.
struct Spelled {
    text: String,
    address: Address,
}

/// What a text means, if it leads to the subject.
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

/// The part of an address after a prefix.
fn host(address: &Address) -> String {
    match address {
        Address::Inet(inet) => inet.to_string(),
        Address::Unix(UnixAddress::Path(path)) => path.display().to_string(),
        Address::Unix(UnixAddress::Abstract { name, .. }) => name.clone(),
        Address::Unix(UnixAddress::Unnamed) => String::new(),
        Address::Other(other) => other.host().to_owned(),
    }
}

/// All texts that lead to the subject and end with a host, read as an address of a family: without a prefix, and with
/// each that there is.
fn spellings(subject: &Subject, registry: &Registry, host: &str, family: Family) -> Vec<Spelled> {
    let prefixes = registry.prefixes().filter(|prefix| !prefix.is_modifier()).map(|prefix| prefix.text);
    let texts = std::iter::once("").chain(prefixes).map(|prefix| format!("{prefix}{host}"));
    let found = texts.filter_map(|text| read(subject, registry, &text));
    found.filter(|spelled| spelled.address.family() == family).collect()
}

/// The same host in capitals and small letters, and with zeroes before its numbers.
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
            "nothing registers it here; `.registered_by(..)` says what does".to_owned(),
        );
    };
    block_on(async {
        let listening = Listening::start(subject);
        for address in [&listening.bound, &listening.address] {
            let text = address.to_string();
            step(format!("read '{text}' again, which an address prints as"));
            let found = spellings(subject, &registry, &host(address), address.family());
            assert!(!found.is_empty(), "no prefix leads to {address}");
            for Spelled { text, address: read } in &found {
                assert_eq!(read, address, "what '{text}' is read as");
            }
            // The Internet's addresses print without a prefix, which belongs to another protocol then.
            if address.inet().is_none() {
                let read = read(subject, &registry, &text);
                let read = read.unwrap_or_else(|| panic!("'{text}' does not lead to {}", subject.name()));
                assert_eq!(&read.address, address, "what '{text}' is read as");
            }
        }
        let family = listening.address.family();
        for variant in variants(&host(&listening.address)) {
            for Spelled { text, address } in spellings(subject, &registry, &variant, family) {
                if address == listening.address {
                    continue;
                }
                step(format!(
                    "connect to '{text}', which is said to be another address than {}",
                    listening.address
                ));
                let client = connect_to(subject, &address).await;
                let mut accepting = std::pin::pin!(accept(&*listening.listener));
                // Where the connection is, it is there at once: what is woken by nothing is not here.
                let mut here = poll_once(accepting.as_mut()).is_ready();
                if client.is_ok() && !here {
                    let short = std::time::Duration::from_millis(200);
                    here = tokio::time::timeout(short, accepting).await.is_ok();
                }
                assert!(
                    !here,
                    "'{text}' leads to {} and is not the same address: it has two spellings",
                    listening.address
                );
            }
        }
    });
    Ended::Passed
}
