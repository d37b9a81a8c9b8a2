//! Asks a proxy for the server of each key.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::table::{Case, Keys};

/// The requests that are sent at once over one connection.
const BATCH: u64 = 64;
/// The longest wait for a response.
const LIMIT: Duration = Duration::from_secs(30);

/// Returns the servers of the first keys, as digits.
pub(crate) fn servers(front: SocketAddr, case: &Case, count: u64) -> io::Result<Vec<u8>> {
    if case.keys == Keys::Rdp {
        return (0..count).map(|number| cookie(front, case, number)).collect();
    }
    let mut stream = connect(front)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut servers = Vec::new();
    let mut from = 0;
    while from < count {
        let batch = from..count.min(from + BATCH);
        from = batch.end;
        let requests: String = batch.clone().map(|number| request(case, number)).collect();
        stream.write_all(requests.as_bytes())?;
        for _ in batch {
            servers.push(response(&mut reader)?);
        }
    }
    Ok(servers)
}

fn connect(front: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(front)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Returns a request. Its key is not the last field: with `use_domain_only` HAProxy looks at one byte more than the value.
fn request(case: &Case, number: u64) -> String {
    let key = case.keys.key(number);
    let (target, field) = match case.keys {
        Keys::Target | Keys::Absolute => (key.as_str(), "-"),
        _ => ("/", key.as_str()),
    };
    let host = target.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or("host");
    format!(
        "GET {target} HTTP/1.1\r\nhost: {host}\r\nx-back: {}\r\nx-key: {field}\r\nx-end: -\r\n\r\n",
        case.name
    )
}

/// Reads a response with a body of one byte, and returns that.
fn response(reader: &mut BufReader<TcpStream>) -> io::Result<u8> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(format!("the response is {line:?}")));
    }
    while line != "\r\n" {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    byte(reader)
}

fn byte(reader: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Sends the first packet of a client of the Remote Desktop Protocol, and returns the byte that its server sends.
fn cookie(front: SocketAddr, case: &Case, number: u64) -> io::Result<u8> {
    let name = if case.back.contains("(name)") { "name" } else { "mstshash" };
    let cookie = format!("Cookie: {name}={}\r\n", case.keys.key(number));
    let length = 11 + cookie.len() as u8;
    let mut packet = vec![3, 0, 0, length, length - 5, 0xe0, 0, 0, 0, 0, 0];
    packet.extend_from_slice(cookie.as_bytes());
    let mut stream = connect(front)?;
    stream.write_all(&packet)?;
    byte(&mut stream)
}
