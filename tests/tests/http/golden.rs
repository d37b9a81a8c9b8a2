//! Whole lines of the log, with names for what is only known while a row runs.

use braid_tests::whole_line::compare_whole;

use crate::scenario::Who;
use crate::world::World;

/// Waits for the next line about this client, or for the next line at all if it is not a client, and compares it with a
/// golden one.
pub(crate) fn compare(world: &mut World, peer: &str, golden: &str) -> Result<(), String> {
    let client = world.clients.get(peer).copied();
    let line = world.line(peer, |line| client.is_none_or(|(client, _)| line.is_about(client)))?;
    // A line that names no client is about one of them.
    let elapsed = match client {
        Some((_, began)) => began.elapsed(),
        None => world.clients.values().map(|(_, began)| began.elapsed()).max().unwrap_or_default(),
    };
    compare_whole(&line.whole, &counted(golden, world.who), &names(world), elapsed)
}

/// Returns the values of names in golden lines that are known only while the program runs.
fn names(world: &World) -> Vec<(String, String)> {
    let pid = world.process.pid();
    let process = [
        ("program".to_owned(), world.program.to_owned()),
        ("pid".to_owned(), pid.to_string()),
        ("pid:hex".to_owned(), format!("{pid:04X}")),
        // At the end of a line of a file it would be invisible.
        ("space".to_owned(), " ".to_owned()),
    ];
    let clients = world.clients.iter().map(|(name, (address, _))| (name.clone(), *address));
    let servers = world
        .servers
        .iter()
        .filter_map(|(name, listener)| listener.local_addr().ok().map(|address| (name.to_string(), address)));
    let addresses = clients.chain(servers).chain([("front".to_owned(), world.front())]);
    let addresses = addresses.flat_map(|(name, address)| {
        let port = address.port();
        [
            (format!("{name}:ip"), address.ip().to_string()),
            (format!("{name}:port"), port.to_string()),
            (format!("{name}:port:hex"), format!("{port:04X}")),
            (name, address.to_string()),
        ]
    });
    process.into_iter().chain(addresses).collect()
}

/// Resolves the number of bytes after an `@` in a golden line; for HAProxy, which counts differently, it is any number.
fn counted(golden: &str, who: Who) -> String {
    let word = |word: &str| match word.split_once('@') {
        Some(("" | "+", _)) if who == Who::HAProxy => {
            // What JSON has after a number is the same in both.
            let number = word.trim_end_matches([',', '}']);
            word.replacen(number, "*", 1)
        }
        Some(("" | "+", _)) => word.replacen('@', "", 1),
        _ => word.to_owned(),
    };
    golden.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
