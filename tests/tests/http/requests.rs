//! Requests byte for byte: the exact bytes that the origin receives, and the status that the client gets.
//!
//! One program serves all rows, one after the other, so that an unexpected connection to the origin is seen by the next
//! row, at the latest.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use braid_tests::loopback::close;
use braid_tests::program::{Program, Version};
use braid_tests::rows::RowFailure;
use braid_tests::skip::skip;

use crate::message::{Answer, is_timeout, receive};
use crate::peers::{LIMIT, Peer};
use crate::scenario::{Row, Who};
use crate::text::{Names, bytes, shown};
use crate::world::{World, who};

/// The first version of HAProxy known to pass all rows.
const SINCE: Version = Version(3, 5);
/// The response of the origin.
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// The expected handling of a request.
#[derive(Clone, Debug, Default)]
struct Fate {
    /// The bytes that the origin receives, if it is reached.
    received: Option<Vec<u8>>,
    /// The responses that the client gets, by their status.
    status: Vec<u16>,
}

#[derive(Clone, Debug, Default)]
struct Request {
    name: String,
    sent: Vec<u8>,
    fate: Fate,
    /// How Braid differs.
    braid: Option<Fate>,
}

/// Runs all requests, each on a connection of its own.
pub(crate) fn requests(program: &Program) -> Result<(), RowFailure> {
    if let Some(why) = program.is_too_old(SINCE) {
        skip("haproxy::requests", &why);
        return Ok(());
    }
    let start = || World::new(program, &Row::new("requests", ""));
    let mut world = start()?;
    let rows = read();
    let mut failures = Vec::new();
    for row in &rows {
        let fate = row.braid.as_ref().filter(|_| who(program) == Who::Braid).unwrap_or(&row.fate);
        if let Err(failed) = play(&world, &row.sent, fate) {
            failures.push(format!("{}: {failed}", row.name));
            // Connections of a failed row must not disturb the next one.
            world = start()?;
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(RowFailure::Failed(format!(
        "{} of {} requests:\n{}",
        failures.len(),
        rows.len(),
        failures.join("\n")
    )))
}

fn play(world: &World, sent: &[u8], fate: &Fate) -> Result<(), String> {
    let said = |error: std::io::Error| error.to_string();
    let origin = world.origin();
    let mut client = TcpStream::connect(world.front()).map_err(said)?;
    client.set_read_timeout(Some(LIMIT)).map_err(said)?;
    client.write_all(sent).map_err(said)?;
    let server = match &fate.received {
        Some(wanted) => {
            origin.set_nonblocking(false).map_err(said)?;
            socket2::SockRef::from(&origin).set_read_timeout(Some(LIMIT)).map_err(said)?;
            let (stream, _) = origin.accept().map_err(|error| format!("nothing for the origin: {error}"))?;
            stream.set_read_timeout(Some(LIMIT)).map_err(said)?;
            let mut peer = Peer { stream, received: 0 };
            receive(&mut peer, wanted)?;
            peer.stream.write_all(OK).map_err(said)?;
            Some(peer)
        }
        None => None,
    };
    for status in &fate.status {
        let answer = Answer::read(&mut client, false)?;
        if answer.status != *status {
            return Err(format!("{} instead of {status}", answer.status));
        }
    }
    close(client);
    match server {
        Some(mut server) => nothing_more(&mut server),
        None => nobody(&origin),
    }
}

/// Checks that nothing comes before the end of the connection, however it ends.
fn nothing_more(server: &mut Peer) -> Result<(), String> {
    let mut place = [0; 2000];
    match server.read(&mut place) {
        Ok(0) => Ok(()),
        Ok(count) => Err(format!("the origin also got {}", shown(&place[..count]))),
        Err(error) if is_timeout(error.kind()) => Err("the connection to the origin does not end".to_owned()),
        Err(_) => Ok(()),
    }
}

fn nobody(origin: &TcpListener) -> Result<(), String> {
    origin.set_nonblocking(true).unwrap();
    let Err(error) = origin.accept().map(|(stream, _)| {
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut place = [0; 2000];
        // It has ended, since the client has closed.
        let count = (&stream).read(&mut place).unwrap_or_default();
        shown(&place[..count])
    }) else {
        return Err("the origin was connected to".to_owned());
    };
    if error.kind() == ErrorKind::WouldBlock { Ok(()) } else { Err(error.to_string()) }
}

fn read() -> Vec<Request> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/data/requests");
    let text = fs::read_to_string(&file).unwrap();
    let mut rows: Vec<Request> = Vec::new();
    let mut reason = false;
    for (number, line) in text.lines().enumerate() {
        let Some((word, rest)) = line.split_once(' ').filter(|_| !line.starts_with('#')) else { continue };
        if word == "==" {
            rows.push(Request { name: rest.to_owned(), ..Request::default() });
            reason = false;
            continue;
        }
        let row = rows.last_mut().unwrap();
        let bytes = || bytes(rest, &Names::new()).unwrap();
        let status = || rest.split(' ').map(|word| word.parse().unwrap()).collect();
        match word {
            ">" => row.sent = bytes(),
            "<" => row.fate.received = Some(bytes()),
            "=" => row.fate.status = status(),
            "why:" => reason = true,
            "braid<" if reason => row.braid.get_or_insert_default().received = Some(bytes()),
            "braid=" if reason => row.braid.get_or_insert_default().status = status(),
            other => panic!("{}:{}: {other:?}", file.display(), number + 1),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn every_request_has_a_name_and_a_fate() {
        let rows = super::read();
        let names: HashSet<_> = rows.iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), rows.len());
        assert!(rows.len() >= 112);
        assert!(rows.iter().all(|row| !row.sent.is_empty() && !row.fate.status.is_empty()));
    }
}
