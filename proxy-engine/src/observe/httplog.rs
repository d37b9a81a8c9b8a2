//! Log lines as HAProxy writes them in HTTP mode: the text behind the header of the log's transport.
//!
//! ```text
//! 192.0.2.1:33317 [06/Feb/2026:12:14:14.655] fnt bck/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"
//! ```
//!
//! A line ends with what [`tcplog`](crate::tcplog) ends with, where there is a reason.

use std::fmt::{self, Write as _};

use super::record::{HttpRecord, SessionRecord};
use super::tcplog::{millis, write_connections, write_counts, write_place};
use crate::policy::LogMoment;

/// What stands for a request that was none.
const BAD_REQUEST: &str = "<BADREQ>";

/// The line of an exchange: `option httplog`. At most so many bytes of its request line are shown.
pub fn exchange(record: &SessionRecord<'_>, http: &HttpRecord<'_>, longest: usize) -> String {
    let mut line = String::with_capacity(256);
    // Writing to a String cannot fail.
    let _ = write_exchange(&mut line, record, http, longest);
    line
}

fn write_exchange(
    line: &mut String,
    record: &SessionRecord<'_>,
    http: &HttpRecord<'_>,
    longest: usize,
) -> fmt::Result {
    write_place(line, record)?;
    let timers = &record.timers;
    let (request, response) = (millis(http.request), millis(http.response));
    let (queue, connect, total) = (millis(timers.queue), millis(timers.connect), timers.total.as_millis());
    let more = if record.frontend.log().moment == LogMoment::Connected { "+" } else { "" };
    write!(line, "{request}/{queue}/{connect}/{response}/{more}{total} ")?;
    match http.status {
        Some(status) => write!(line, "{status} ")?,
        None => line.write_str("-1 ")?,
    }
    // Cookies that are captured and cookies of persistence: there are none.
    write!(line, "{more}{} - - {}-- ", record.bytes_to_client, record.termination)?;
    write_counts(line, record)?;
    line.write_str(" \"")?;
    match http.request_line {
        [] => line.write_str(BAD_REQUEST)?,
        request => write_escaped(line, &request[..request.len().min(longest)])?,
    }
    line.write_char('"')?;
    write_connections(line, record)
}

/// Text that a client has sent: what could end the line or the quotation, or is not printable, is written as `#` and
/// two digits.
fn write_escaped(line: &mut String, text: &[u8]) -> fmt::Result {
    for &byte in text {
        match byte {
            b'"' | b'#' | ..=0x1f | 0x7f.. => write!(line, "#{byte:02X}")?,
            _ => line.write_char(byte.into())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_client_sends_ends_the_line() {
        let mut line = String::new();
        write_escaped(&mut line, b"GET /\"#\n\x7f\xe9~ HTTP/1.1").expect("a String takes all");
        assert_eq!(line, "GET /#22#23#0A#7F#E9~ HTTP/1.1");
    }
}
