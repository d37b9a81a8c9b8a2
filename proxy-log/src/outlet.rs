//! One destination: its socket or descriptor, opened when needed, and the counts of its lines.
//!
//! Only the sink's thread sends. All targets with one destination share one outlet, so that after a line that was
//! written in part the next line begins correctly, whichever target it is for.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use proto_core::address::Address;
use proto_core::datagram::DatagramSocket;

use crate::counts::{Notice, Tally, count};
use crate::sys;
use crate::target::Destination;

/// A destination.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) destination: Destination,
    pub(crate) tally: Tally,
    /// The number of lost lines that have been reported.
    reported: AtomicU64,
    link: Mutex<Link>,
}

#[derive(Debug)]
struct Link {
    way: Way,
    error: Option<String>,
}

#[derive(Debug)]
enum Way {
    /// The socket; `None` before the first line, and after an error.
    Datagram(Option<DatagramSocket>),
    Descriptor(Descriptor),
    /// A descriptor that was not open at the start. Its number may refer to anything later, so it is never tried
    /// again.
    Missing,
}

/// An inherited descriptor, by a handle of our own. Whether it blocks is a setting that it shares with other
/// processes, so that is not changed.
#[derive(Debug)]
struct Descriptor {
    file: File,
    kind: Kind,
    /// Whether the last line was written in part.
    torn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Socket,
    Pipe,
    /// A pipe without `RWF_NOWAIT`, which can only be polled: on older kernels, and perhaps those that have a name.
    AskedPipe,
    /// A terminal, a device, a file.
    Other,
}

impl Outlet {
    pub(crate) fn new(destination: Destination) -> Outlet {
        let mut error = None;
        let way = match destination.descriptor().map(Descriptor::take) {
            None => Way::Datagram(None),
            Some(Ok(descriptor)) => Way::Descriptor(descriptor),
            Some(Err(source)) => {
                error = Some(source.to_string());
                Way::Missing
            }
        };
        let link = Mutex::new(Link { way, error });
        Outlet { destination, tally: Tally::default(), reported: AtomicU64::new(0), link }
    }

    /// Sends a line and counts the result. Returns `false` if the line is lost.
    pub(crate) fn deliver(&self, line: &[u8]) -> bool {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let result = match (&mut link.way, &self.destination) {
            (Way::Datagram(socket), Destination::Datagram(address)) => self.send(socket, address, line),
            (Way::Descriptor(descriptor), _) => descriptor.write_line(line),
            (Way::Datagram(_) | Way::Missing, _) => Err(io::Error::from_raw_os_error(libc::EBADF)),
        };
        let Err(error) = result else {
            count(&self.tally.sent);
            return true;
        };
        let full = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::WriteZero);
        count(if full { &self.tally.not_taken } else { &self.tally.failed });
        link.error = Some(error.to_string());
        false
    }

    /// Sends a datagram, over a new socket if the old one fails.
    fn send(&self, socket: &mut Option<DatagramSocket>, address: &Address, line: &[u8]) -> io::Result<()> {
        if let Some(open) = socket {
            match open.send(line) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    // Over UDP this is the result of an earlier line; this one was not sent. For a UNIX socket it
                    // means that its owner is gone; there may be another at the path by now.
                    if error.kind() == ErrorKind::ConnectionRefused && address.inet().is_some() {
                        count(&self.tally.refused);
                    }
                    *socket = None;
                }
                result => return result,
            }
        }
        let open = DatagramSocket::connect(address)?;
        let result = open.send(line);
        *socket = Some(open);
        result
    }

    /// Returns the losses since the last call.
    pub(crate) fn unreported(&self) -> Option<Notice> {
        let counts = self.tally.counts();
        let lost = counts.lost() + counts.refused;
        let lines = lost - self.reported.swap(lost, Ordering::Relaxed).min(lost);
        let error = || self.link.lock().unwrap_or_else(PoisonError::into_inner).error.take();
        (lines > 0).then(|| Notice { destination: self.destination.clone(), lines, counts, error: error() })
    }
}

impl Descriptor {
    fn take(fd: std::os::fd::RawFd) -> io::Result<Descriptor> {
        let file = File::from(proto_core::sys::duplicate(fd)?);
        let kind = match file.metadata()?.file_type() {
            kind if kind.is_socket() => Kind::Socket,
            kind if kind.is_fifo() => Kind::Pipe,
            _ => Kind::Other,
        };
        Ok(Descriptor { file, kind, torn: false })
    }

    /// Writes a line with one call. Fails with `WriteZero` if only a part was taken.
    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        // The rest of a torn line ends here, or this line would be read as a part of it.
        let mended = self.torn.then(|| [b"\n", line].concat());
        let line = mended.as_deref().unwrap_or(line);
        let written = self.write(line)?;
        // If only the newline was written, the last line is ended and nothing of this one was begun.
        self.torn = written < line.len() && !(mended.is_some() && written == 1);
        if written < line.len() { Err(ErrorKind::WriteZero.into()) } else { Ok(()) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.kind {
            Kind::Socket => sys::send_now(self.file.as_fd(), bytes),
            Kind::Pipe => match sys::write_now(self.file.as_fd(), bytes) {
                Err(error) if matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS)) => {
                    self.kind = Kind::AskedPipe;
                    self.write(bytes)
                }
                result => result,
            },
            Kind::AskedPipe => self.write_pieces(bytes),
            // A file takes everything, and a terminal that is writable takes almost everything: it may delay the
            // sink's thread for the rest of a line, never a worker.
            Kind::Other if !sys::is_writable(self.file.as_fd()) => Err(ErrorKind::WouldBlock.into()),
            Kind::Other => self.file.write(bytes),
        }
    }

    /// Writes as long as the pipe is writable: it then takes `PIPE_BUF` bytes (`pipe(7)`), so that no write waits.
    /// A longer line takes more than one write.
    fn write_pieces(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        for piece in bytes.chunks(libc::PIPE_BUF) {
            let result = match sys::is_writable(self.file.as_fd()) {
                true => self.file.write(piece),
                false => Err(ErrorKind::WouldBlock.into()),
            };
            match result {
                Ok(length) => written += length,
                Err(error) if written == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::{UnixDatagram, UnixStream};

    use proto_core::address::UnixAddress;

    use super::*;

    fn descriptor(of: &impl std::os::fd::AsRawFd) -> Outlet {
        Outlet::new(Destination::Fd(of.as_raw_fd()))
    }

    #[test]
    fn a_unix_socket_that_is_removed_and_bound_again_is_served() {
        let path = std::env::temp_dir().join(format!("braid-log-{}.sock", std::process::id()));
        let outlet = Outlet::new(Destination::Datagram(Address::Unix(UnixAddress::Path(path.clone()))));
        assert!(!outlet.deliver(b"early\n"), "there is no socket yet");
        for word in [b"one\n", b"two\n"] {
            let receiver = UnixDatagram::bind(&path).expect("a socket at the path");
            assert!(outlet.deliver(word));
            let mut buffer = [0; 16];
            let length = receiver.recv(&mut buffer).expect("a datagram");
            assert_eq!(&buffer[..length], word);
            drop(receiver);
            std::fs::remove_file(&path).expect("the path is removed");
            assert!(!outlet.deliver(b"gone\n"));
        }
        let counts = outlet.tally.counts();
        assert_eq!((counts.sent, counts.failed, counts.refused), (2, 3, 0));
        let notice = outlet.unreported().expect("there is a loss to report");
        assert_eq!(notice.lines, 3);
        assert!(notice.error.is_some_and(|error| error.contains("No such file")));
        assert_eq!(outlet.unreported(), None);
    }

    #[test]
    fn a_full_unix_socket_loses_lines_and_does_not_block() {
        let path = std::env::temp_dir().join(format!("braid-log-full-{}.sock", std::process::id()));
        let receiver = UnixDatagram::bind(&path).expect("a socket at the path");
        let outlet = Outlet::new(Destination::Datagram(Address::Unix(UnixAddress::Path(path.clone()))));
        while outlet.deliver(b"line\n") {}
        let counts = outlet.tally.counts();
        assert!(counts.sent > 0 && counts.not_taken == 1 && counts.failed == 0, "{counts:?}");
        receiver.recv(&mut [0; 16]).expect("a datagram");
        assert!(outlet.deliver(b"line\n"), "there is room again");
        std::fs::remove_file(&path).expect("the path is removed");
    }

    #[test]
    fn a_refused_datagram_loses_no_other_line() {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = receiver.local_addr().expect("its address");
        let outlet = Outlet::new(Destination::Datagram(address.into()));
        drop(receiver);
        // The refusal has arrived when `send` returns: loopback answers within the call.
        assert!(outlet.deliver(b"nobody\n"));
        let receiver = UdpSocket::bind(address).expect("the same address");
        assert!(outlet.deliver(b"somebody\n"));
        let mut buffer = [0; 16];
        let length = receiver.recv(&mut buffer).expect("a datagram");
        assert_eq!(&buffer[..length], b"somebody\n");
        assert_eq!((outlet.tally.counts().sent, outlet.tally.counts().refused), (2, 1));
    }

    #[test]
    fn a_pipe_without_reads_takes_what_it_holds_and_keeps_its_flags() {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let outlet = descriptor(&writer);
        let line = [b"x".repeat(99), b"\n".to_vec()].concat();
        while outlet.deliver(&line) {}
        assert!(!outlet.deliver(&line));
        let counts = outlet.tally.counts();
        assert_eq!(counts.not_taken, 2);
        // Blocking writes of other processes still block: no flag of the shared descriptor was changed.
        let flags = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", writer.as_raw_fd()));
        let flags = flags.expect("facts of the descriptor");
        let flags = flags.lines().find_map(|line| line.strip_prefix("flags:")).expect("its flags");
        assert_eq!(i32::from_str_radix(flags.trim(), 8).expect("octal") & libc::O_NONBLOCK, 0);
        drop((outlet, writer));
        let mut text = Vec::new();
        reader.read_to_end(&mut text).expect("what was written");
        assert_eq!(text.len() as u64, counts.sent * 100);
    }

    #[test]
    fn a_torn_line_is_ended_before_the_next() {
        for asked in [false, true] {
            let (mut reader, writer) = std::io::pipe().expect("a pipe");
            let mut pipe = Descriptor::take(writer.as_raw_fd()).expect("a descriptor");
            assert_eq!(pipe.kind, Kind::Pipe);
            if asked {
                pipe.kind = Kind::AskedPipe;
            }
            let long = [b"x".repeat(49_999), b"\n".to_vec()].concat();
            pipe.write_line(&long).expect("it fits");
            assert_eq!(pipe.write_line(&long).expect_err("it does not fit").kind(), ErrorKind::WriteZero);
            assert_eq!(pipe.write_line(&long).expect_err("nothing fits").kind(), ErrorKind::WouldBlock);
            reader.read_exact(&mut vec![0; long.len()]).expect("the first");
            pipe.write_line(b"next\n").expect("it fits");
            drop((pipe, writer));
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("what was written");
            let lines: Vec<&str> = text.lines().collect();
            let [torn, next] = lines[..] else { panic!("two lines, not {}", lines.len()) };
            assert!(!torn.is_empty() && torn.bytes().all(|b| b == b'x') && torn.len() < long.len());
            assert_eq!(next, "next");
        }
    }

    #[test]
    fn writing_to_a_closed_peer_is_an_error_and_no_signal() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let (socket, peer) = UnixStream::pair().expect("a pair");
        let outlets = [descriptor(&writer), descriptor(&socket), Outlet::new(Destination::Fd(987_654))];
        drop((reader, peer));
        for outlet in outlets {
            assert!(!outlet.deliver(b"line\n"));
            assert_eq!(outlet.tally.counts().failed, 1);
            assert!(outlet.unreported().expect("a notice").error.is_some());
        }
    }
}
