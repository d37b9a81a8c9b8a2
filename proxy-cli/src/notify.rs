//! Notifies the service manager of the state of the process by the protocol of `sd_notify(3)`: datagrams of
//! `NAME=value` lines to the socket that `NOTIFY_SOCKET` names. If the variable is not set nothing is sent.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The variable that names the socket.
pub(crate) const VARIABLE: &str = "NOTIFY_SOCKET";
/// How long a manager that reads nothing may delay the process.
const PATIENCE: Duration = Duration::from_secs(1);

/// The connection to the service manager, if there is one.
#[derive(Debug)]
pub(crate) struct Notifier(Option<UnixDatagram>);

impl Notifier {
    /// Connects to the socket in the value of [`VARIABLE`]: a path, or a name after `@` in the abstract namespace.
    ///
    /// # Errors
    /// Returns an error if the value is neither, or too long for an address, or nothing listens there.
    pub(crate) fn new(value: Option<&OsStr>) -> io::Result<Notifier> {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(Notifier(None)) };
        let address = match value.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            [b'/', ..] => SocketAddr::from_pathname(value)?,
            _ => {
                let why = format!("{VARIABLE} is neither a path nor @ and a name: {}", value.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
        };
        let socket = UnixDatagram::unbound()?;
        // Connected now, since a confined process may no longer see the path.
        socket.connect_addr(&address)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Notifier(Some(socket)))
    }

    /// Reports that the process serves.
    ///
    /// # Errors
    /// Returns an error if the manager does not take the message.
    pub(crate) fn ready(&self) -> io::Result<()> {
        self.send("READY=1")
    }

    /// Reports that the process has begun to end.
    ///
    /// # Errors
    /// Returns an error if the manager does not take the message.
    pub(crate) fn stopping(&self) -> io::Result<()> {
        self.send("STOPPING=1")
    }

    /// Reports the state in a line that `systemctl status` shows.
    ///
    /// # Errors
    /// Returns an error if the manager does not take the message.
    pub(crate) fn status(&self, text: &str) -> io::Result<()> {
        // A line end would begin another assignment.
        self.send(&format!("STATUS={}", text.replace(['\n', '\r'], " ")))
    }

    /// Makes a notifier that sends nothing.
    pub(crate) fn silent() -> Notifier {
        Notifier(None)
    }

    fn send(&self, line: &str) -> io::Result<()> {
        match &self.0 {
            Some(socket) => socket.send(line.as_bytes()).map(drop),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::*;

    fn received(manager: &UnixDatagram) -> String {
        manager.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut buffer = [0; 256];
        let length = manager.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    fn tells_all(value: &OsStr, manager: &UnixDatagram) {
        let notifier = Notifier::new(Some(value)).unwrap();
        notifier.ready().unwrap();
        notifier.status("2 listeners\nREADY=0").unwrap();
        notifier.stopping().unwrap();
        let told = [received(manager), received(manager), received(manager)];
        assert_eq!(told, ["READY=1", "STATUS=2 listeners READY=0", "STOPPING=1"]);
    }

    #[test]
    fn a_socket_in_the_abstract_namespace_is_notified() {
        let name = format!("braid-notify-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        tells_all(&OsString::from(format!("@{name}")), &manager);
    }

    #[test]
    fn a_socket_with_a_path_is_notified() {
        let path: PathBuf = std::env::temp_dir().join(format!("braid-notify-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let manager = UnixDatagram::bind(&path).unwrap();
        tells_all(path.as_os_str(), &manager);
        drop(manager);
        std::fs::remove_file(&path).unwrap();
        let gone = Notifier::new(Some(path.as_os_str()));
        assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn without_a_manager_nothing_is_sent_and_a_wrong_one_is_named() {
        for none in [None, Some(OsStr::new(""))] {
            Notifier::new(none).unwrap().ready().unwrap();
        }
        for wrong in ["vsock:2:1234", "relative/path", &format!("/{}", "a".repeat(200))] {
            let error = Notifier::new(Some(OsStr::new(wrong))).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{wrong}");
        }
    }
}
