//! The receiver of a program's log: a UDP socket, and the lines so far.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::log_line::LogLine;

/// The size of a buffer that holds any line.
const DATAGRAM: usize = 9000;

/// A receiver on a port of the loopback.
#[derive(Debug)]
pub struct Syslog {
    socket: UdpSocket,
    lines: Vec<LogLine>,
}

impl Syslog {
    /// Makes one on a free port.
    pub fn new() -> io::Result<Self> {
        Ok(Self { socket: UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, lines: Vec::new() })
    }

    /// Returns the address that lines are sent to.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Returns the arguments of a `log` line that sends lines here.
    pub fn target(&self) -> io::Result<String> {
        Ok(format!("{} local0", self.address()?))
    }

    /// Returns all lines so far.
    pub fn lines(&self) -> &[LogLine] {
        &self.lines
    }

    /// Waits for a line, old or new, of those after the first `seen`, which includes it on return.
    pub fn wait(
        &mut self,
        seen: &mut usize,
        limit: Duration,
        wanted: impl Fn(&LogLine) -> bool,
    ) -> Result<LogLine, String> {
        let end = Instant::now() + limit;
        let mut next = *seen;
        loop {
            while let Some(line) = self.lines.get(next) {
                next += 1;
                if wanted(line) {
                    *seen = next;
                    return Ok(line.clone());
                }
            }
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left)).map_err(|error| error.to_string())?;
            let line = self.receive().map_err(|_| format!("no such line, only {:#?}", self.lines))?;
            self.lines.push(line?);
        }
    }

    /// Receives what has arrived. On the loopback a datagram arrives while it is sent.
    pub fn take(&mut self) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        while let Ok(line) = self.receive() {
            self.lines.extend(line);
        }
        self.socket.set_nonblocking(false)
    }

    fn receive(&self) -> io::Result<Result<LogLine, String>> {
        let mut datagram = [0; DATAGRAM];
        let size = self.socket.recv(&mut datagram)?;
        let text = String::from_utf8_lossy(&datagram[..size]);
        Ok(LogLine::parse(&text).ok_or_else(|| format!("not a line of a log: {text:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_found_once() {
        let mut log = Syslog::new().unwrap();
        let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let send = |text: &str| sender.send_to(text.as_bytes(), log.address().unwrap()).unwrap();
        send("<134>Nov  2 16:40:00 proxy[7]: one");
        send("<134>Nov  2 16:40:00 proxy[7]: two");
        send("<134>Nov  2 16:40:00 proxy[7]: one more");
        let (mut seen, limit) = (0, Duration::from_secs(20));
        let mut one = |seen: &mut usize| {
            log.wait(seen, limit, |line| line.message.starts_with("one")).map(|line| line.message)
        };
        assert_eq!(one(&mut seen).as_deref(), Ok("one"));
        assert_eq!(one(&mut seen).as_deref(), Ok("one more"));
        assert_eq!(one(&mut 0).as_deref(), Ok("one"));
        assert_eq!(log.lines().len(), 3);
        sender.send_to(b"<134>Nov  2 16:40:00 proxy[7]: last", log.address().unwrap()).unwrap();
        log.take().unwrap();
        assert_eq!(log.lines()[seen].message, "last");
        assert!(log.wait(&mut seen, Duration::ZERO, |line| line.message == "one").is_err());
    }
}
