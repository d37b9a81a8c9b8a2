//! The runtime socket of a running program: on a path and on an inherited descriptor, used as tools do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;

use braid_tests::forward::{Braid, Forward, LIMIT};

/// A running program, its socket, and two servers whose answers identify them.
struct Site {
    _braid: Braid,
    dir: PathBuf,
    inherited: std::net::SocketAddr,
    entrance: PathBuf,
    servers: [TcpListener; 2],
}

impl Site {
    fn new(test: &str) -> Site {
        let dir = std::env::temp_dir().join(format!("braid-{}-{test}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let commands = TcpListener::bind("127.0.0.1:0").unwrap();
        let inherited = commands.local_addr().unwrap();
        let servers = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let entrance = dir.join("in");
        let text = format!(
            "global\n    stats socket \"{path}\" level admin mode 600\n    stats socket \"fd@${{cli}}\" level operator\n\
             \nglobal\n.if feature(THREAD)\n    thread-groups 1\n.endif\n    node here\n\
             defaults\n    timeout connect \"${{NO_SUCH_VARIABLE-10s}}\"\n    timeout client 1m\n    timeout server 1m\n\
             listen l\n    bind unix@{entrance}\n    server s {server}\n    server later name.invalid:80 init-addr none\n",
            path = dir.join("socket").display(),
            entrance = entrance.display(),
            server = servers[0].local_addr().unwrap(),
        );
        let file = dir.join("cfg");
        fs::write(&file, text).unwrap();
        let braid = Forward::command().unwrap().args(["-d", "-dM", "-dI", "-f", file.to_str().unwrap()]);
        let braid = braid.env("cli", commands.as_raw_fd().to_string()).pass(commands);
        Site { _braid: braid.start().unwrap(), dir, inherited, entrance, servers }
    }

    /// Returns the answer to a client that closes its sending direction at once, as scripts do.
    fn ask(&self, command: &str) -> String {
        answer(UnixStream::connect(self.dir.join("socket")).unwrap(), command, |stream| {
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        })
    }

    /// As [`ask`](Self::ask), by the inherited descriptor.
    fn ask_inherited(&self, command: &str) -> String {
        answer(TcpStream::connect(self.inherited).unwrap(), command, |stream| {
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
        })
    }

    /// Returns the index of the server that a client is led to.
    fn served_by(&self) -> usize {
        let mut client = UnixStream::connect(&self.entrance).unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        thread::scope(|scope| {
            for (index, server) in self.servers.iter().enumerate() {
                scope.spawn(move || {
                    // A connection of the test wakes the server that was not chosen.
                    let (mut stream, _) = server.accept().unwrap();
                    drop(stream.write_all(&[index as u8]));
                });
            }
            let mut who = [0];
            client.read_exact(&mut who).unwrap();
            for (index, server) in self.servers.iter().enumerate() {
                if index != usize::from(who[0]) {
                    drop(TcpStream::connect(server.local_addr().unwrap()).unwrap());
                }
            }
            who[0].into()
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.dir));
    }
}

fn answer<S: Read + Write>(mut stream: S, command: &str, half_close: impl FnOnce(&S)) -> String {
    stream.write_all(format!("{command}\n").as_bytes()).unwrap();
    half_close(&stream);
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.ends_with('\n'), "{text:?}");
    text
}

#[test]
fn facts_are_shown_and_nonsense_is_refused_on_both_sockets() {
    let site = Site::new("facts");
    let facts = site.ask("show info");
    for line in ["Name: Braid", "Nbproc: 1", "node: here", "Listeners: 1"] {
        assert!(facts.lines().any(|shown| shown == line), "{line} in {facts}");
    }
    // Without one of these, terminal views of HAProxy do not start.
    for name in [
        "Version",
        "Release_date",
        "Process_num",
        "Pid",
        "Uptime",
        "Maxconn",
        "CurrConns",
        "Maxpipes",
        "PipesUsed",
        "Tasks",
        "Run_queue",
    ] {
        let value = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        assert!(value.is_some_and(|value| !value.is_empty()), "{name} in {facts}");
    }
    assert!(site.ask_inherited("show info").starts_with("Name: Braid\n"));
    for refused in [site.ask("show nonsense"), site.ask_inherited("nonsense")] {
        assert!(refused.starts_with("Unknown command"), "{refused}");
    }
    assert_eq!(site.ask_inherited("show cli level"), "operator\n\n");
    let both = site.ask("show version;show cli level");
    assert_eq!(both, format!("{}\n\nadmin\n\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_server_moves_while_clients_come() {
    let site = Site::new("moves");
    assert_eq!(site.served_by(), 0);
    let port = |index: usize| site.servers[index].local_addr().unwrap().port();
    let moved = site.ask(&format!("set server l/s addr 127.0.0.1 port {}", port(1)));
    assert_eq!(
        moved,
        format!("port changed from '{}' to '{}' by 'stats socket command'\n\n", port(0), port(1))
    );
    assert_eq!(site.served_by(), 1);

    // One server is taken out of use, and one that had no address at the start comes into use.
    assert_eq!(site.ask("set server l/s state maint"), "\n");
    let found = site.ask(&format!("set server l/later addr 127.0.0.1 port {}", port(0)));
    assert!(found.starts_with("IP changed from '0.0.0.0' to '127.0.0.1'"), "{found}");
    assert_eq!(site.served_by(), 0);

    assert_eq!(site.ask("set server l/nobody addr 127.0.0.1"), "No such server.\n\n");
    assert!(site.ask("set server l/s addr ::1").contains("cannot move"));
    assert!(site.ask_inherited("set server l/s weight 1").contains("Permission denied"));
}
