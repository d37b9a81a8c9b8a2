//! A runtime socket with real clients.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use proto_core::Registry;
use proto_core::address::{Address, UnixAddress};
use proto_core::kernel::Kernel;
use proto_core::spec::BindSpec;
use proxy_admin::settings::ClientSettings;
use proxy_admin::{
    Admin, AdminLimits, AdminSocket, Answer, Command, Commands, Level, SeverityOutput, Uptime,
};
use proxy_config::{Values, inventory};

/// A value that the test program passes to the runtime socket.
#[derive(Debug)]
struct Version(&'static str);

inventory::submit! {
    Command::new(&["show", "version"], "", Level::User, "a fact of the program", |call| {
        Ok(Answer::info(call.get::<Version>()?.0))
    })
}

/// The length of an answer that is larger than the buffers of any socket here.
pub(crate) const FLOOD: usize = 8 << 20;

inventory::submit! {
    Command::new(&["flood"], "", Level::User, "a long answer", |_| Ok(Answer::Data("0123456\n".repeat(FLOOD / 8))))
}

inventory::submit! {
    Command::new(&["payload"], "", Level::User, "the payload after it", |call| {
        Ok(Answer::info(format!("{:?}", call.payload.map(String::from_utf8_lossy))))
    })
}

inventory::submit! {
    Command::new(&["dangerous"], "", Level::Admin, "for admins", |_| Ok(Answer::info("done")))
}

/// A server with a socket of each level and one on TCP.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) admin: Admin,
    pub(crate) paths: [PathBuf; 3],
    pub(crate) tcp: std::net::SocketAddr,
}

/// Limits with short timeouts, so that a test of a timeout does not wait long.
pub(crate) fn impatient(connections: usize) -> AdminLimits {
    AdminLimits { connections, timeout: Duration::from_millis(500), ..AdminLimits::default() }
}

pub(crate) fn serve(limits: AdminLimits) -> Server {
    serve_with(limits, Values::default())
}

/// Starts a server with the values of a test.
pub(crate) fn serve_with(limits: AdminLimits, mut facts: Values) -> Server {
    facts.set(Version("1.2.3"));
    let uptime = Uptime::new(|| Duration::from_secs(90_061));
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let kernel = Kernel::detect();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let paths = Level::ALL.map(|(word, _)| {
        std::env::temp_dir().join(format!("braid-admin-{}-{number}-{word}", std::process::id()))
    });
    let mut sockets = Vec::new();
    for (path, (_, level)) in paths.iter().zip(Level::ALL) {
        let spec = BindSpec::new(Address::Unix(UnixAddress::Path(path.clone())));
        let socket = proto_unix::unix().bind(spec, &kernel).unwrap().socket;
        sockets.push(AdminSocket { socket, clients: ClientSettings { level, ..ClientSettings::default() } });
    }
    let any = BindSpec::new(Address::Inet("127.0.0.1:0".parse().unwrap()));
    let bound = proto_tcp::tcp4().bind(any, &kernel).unwrap();
    let tcp = bound.address.inet().unwrap();
    let severity = SeverityOutput::Number;
    sockets.push(AdminSocket {
        socket: bound.socket,
        clients: ClientSettings { level: Level::Operator, severity, ..ClientSettings::default() },
    });
    let admin = Admin::start(sockets, Commands::linked(&Registry::default()).unwrap(), facts, uptime, limits)
        .unwrap();
    Server { admin, paths, tcp }
}

/// The way of HAProxy's test programs and of `socat`: send everything, half-close, read to the end.
pub(crate) trait Ask: Read + Write + Sized {
    fn close_sending(&self);

    fn ask(mut self, what: impl AsRef<[u8]>) -> String {
        // A server may close before all of it is taken.
        let _ = self.write_all(what.as_ref());
        self.close_sending();
        self.rest()
    }

    fn rest(mut self) -> String {
        let mut all = Vec::new();
        // Likewise: what it sent before can still be read.
        let _ = self.read_to_end(&mut all);
        String::from_utf8(all).unwrap()
    }

    fn expect(&mut self, answer: &str) {
        let mut read = vec![0; answer.len()];
        self.read_exact(&mut read).unwrap();
        assert_eq!(String::from_utf8_lossy(&read), answer);
    }
}

impl Ask for UnixStream {
    fn close_sending(&self) {
        let _ = self.shutdown(Shutdown::Write);
    }
}

impl Ask for TcpStream {
    fn close_sending(&self) {
        let _ = self.shutdown(Shutdown::Write);
    }
}

impl Server {
    /// Returns a client with all rights.
    pub(crate) fn admin(&self) -> UnixStream {
        self.client(Level::Admin)
    }

    pub(crate) fn client(&self, level: Level) -> UnixStream {
        let client = UnixStream::connect(&self.paths[level as usize]).unwrap();
        // Longer than anything takes; a test that hangs is worse than one that fails.
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client
    }

    pub(crate) fn tcp(&self) -> TcpStream {
        let client = TcpStream::connect(self.tcp).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client
    }
}
