//! The responses of the demonstration server.

use std::fmt::Write as _;

use proto_core::info::{ConnectionInfo, Path};
use proto_core::stream::Stream;

use super::request::{Head, Refused};

/// A response, ready to be written.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) keep_alive: bool,
}

impl Answer {
    /// Makes the response with the page.
    pub(crate) fn page(stream: &dyn Stream, head: Head, entrance: &str) -> Answer {
        let body = page(&stream.peer_addr().to_string(), &stream.info(), entrance);
        Answer::new("200 OK", "", &body, head.wants_body, head.keep_alive)
    }

    /// Makes the response to a refused request.
    pub(crate) fn refusal(refused: Refused) -> Answer {
        let (status, field) = match refused {
            Refused::Malformed => ("400 Bad Request", ""),
            Refused::Method => ("405 Method Not Allowed", "Allow: GET, HEAD\r\n"),
            Refused::TooLong => ("431 Request Header Fields Too Large", ""),
            Refused::Version => ("505 HTTP Version Not Supported", ""),
        };
        Answer::new(status, field, &format!("{status}\n"), true, false)
    }

    fn new(status: &str, field: &str, body: &str, wants_body: bool, keep_alive: bool) -> Answer {
        let close = if keep_alive { "" } else { "Connection: close\r\n" };
        let mut text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\n{field}{close}\r\n",
            body.len()
        );
        if wants_body {
            text.push_str(body);
        }
        Answer { bytes: text.into_bytes(), keep_alive }
    }
}

fn page(peer: &str, info: &ConnectionInfo, entrance: &str) -> String {
    let (transport, state) = (info.transport, info.state.name());
    let mut text = format!(
        "Braid works. This page is from its demonstration server, reached through the proxy.\n\n\
         The connection that the proxy made to it:\n  from {peer}, {transport}, {state}\n"
    );
    for Path { id, local, remote, bytes_received, .. } in &info.paths {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  path {id}: {remote} -> {local}, {bytes_received} bytes received");
    }
    let _ = write!(
        text,
        "\nTo try:\n  braid probe {entrance} --get      is the connection to the proxy MPTCP, and what are its paths?\n  \
         mptcpize run curl http://{entrance}/   a client without MPTCP support, made to use it\n  \
         curl http://{entrance}/   the same over TCP: the proxy accepts both\n"
    );
    text
}
