//! Transparent proxying: servers see the addresses of clients, and clients connect to addresses of servers. The proxy is a
//! router between two networks that delivers all it gets to itself.
//!
//! ```text
//!   client  10.1.1.1 ──── 10.1.1.2   proxy   10.1.2.2 ──── 10.1.2.1  origin
//!           10.1.1.3
//! ```
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use braid_tests::address::{Cidr, Table};
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::lab;
use braid_tests::link::Veth;
use braid_tests::ns::Namespace;
use braid_tests::poll::eventually;
use braid_tests::skip::{Lab, skip};
use socket2::{Domain, Socket, Type};

/// Of the origin.
const PORT: u16 = 81;
/// An address that nobody has.
const NOBODY: [&str; 2] = ["203.0.113.9", "2001:db8::9"];

/// An address of host `host` of network `network`, of IPv6 or IPv4.
fn address(inet6: bool, network: u8, host: u8) -> IpAddr {
    if inet6 {
        Ipv6Addr::new(0xfd00, 1, network.into(), 0, 0, 0, 0, host.into()).into()
    } else {
        Ipv4Addr::new(10, 1, network, host).into()
    }
}

/// A client, a proxy and an origin. The origin answers each request with the address that it came from.
struct Net {
    client: Namespace,
    proxy: Namespace,
    _origin: Namespace,
}

impl Net {
    fn new(lab: &Lab) -> Net {
        let [client, proxy, origin] = ["client", "proxy", "origin"].map(|name| lab.namespace(name).unwrap());
        for (host, network, hosts) in [(&client, 1, &[1, 3][..]), (&origin, 2, &[1])] {
            let link = Veth::join(host, &proxy, &format!("net{network}")).unwrap();
            for (inet6, prefix) in [(false, 24), (true, 64)] {
                let cidr = |host| Cidr { address: address(inet6, network, host), prefix };
                link.b.add_address(cidr(2)).unwrap();
                for host in hosts {
                    link.a.add_address(cidr(*host)).unwrap();
                }
                link.a.set_default_route(address(inet6, network, 2), Table::MAIN).unwrap();
            }
            link.b.deliver_all(Table(100 + u32::from(network))).unwrap();
        }
        for inet6 in [false, true] {
            let bind = SocketAddr::new(address(inet6, 2, 1), PORT);
            let listener = origin.run(move || TcpListener::bind(bind).unwrap()).unwrap();
            thread::spawn(move || {
                for accepted in listener.incoming() {
                    thread::spawn(move || answer(accepted.unwrap()));
                }
            });
        }
        Net { client, proxy, _origin: origin }
    }

    /// Starts a proxy with these sections.
    fn start(&self, text: &str) -> Braid {
        let file = Config::new(text);
        Forward::command().unwrap().args(["-f", file.path()]).inside(&self.proxy).start().unwrap()
    }

    /// The addresses of a client of this host and of the one that its request comes from at the origin.
    fn ask(&self, host: u8, to: SocketAddr, header: &str) -> (SocketAddr, SocketAddr) {
        self.client
            .run(move || ask(host, to, header).unwrap_or_else(|error| panic!("{to}: {error}")))
            .unwrap()
    }

    /// The same of a proxy that has one address and port for all: they are free once it has seen the client before go.
    fn ask_in_turn(&self, host: u8, to: SocketAddr) -> (SocketAddr, SocketAddr) {
        self.client.run(move || eventually(LIMIT, || ask(host, to, "").ok()).expect("an answer")).unwrap()
    }
}

fn ask(host: u8, to: SocketAddr, header: &str) -> std::io::Result<(SocketAddr, SocketAddr)> {
    let from = SocketAddr::new(address(to.is_ipv6(), 1, host), 0);
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&from.into())?;
    socket.connect_timeout(&to.into(), LIMIT)?;
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: a\r\n{header}connection: close\r\n\r\n")?;
    let mut answer = String::new();
    let mut reader = BufReader::new(&stream);
    while reader.read_line(&mut answer)? > 2 {}
    let mut seen = String::new();
    reader.read_line(&mut seen)?;
    let no_address = |_| std::io::Error::other(format!("no address: {answer}{seen}"));
    let seen = seen.trim().parse().map_err(no_address)?;
    Ok((stream.local_addr()?, seen))
}

/// Answers each request with the address of the peer.
fn answer(mut stream: TcpStream) {
    let peer = stream.peer_addr().unwrap();
    let mut request = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|count| count == 1) {
        request.push(byte[0]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            let body = format!("{peer}\n");
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// A configuration file, which is removed in the end.
struct Config(String);

impl Config {
    fn new(text: &str) -> Config {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let file =
            std::env::temp_dir().join(format!("braid-{}-{number}-transparent.cfg", std::process::id()));
        let defaults = "defaults\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n";
        fs::write(&file, text.replace("{defaults}", defaults)).unwrap();
        Config(file.to_str().unwrap().to_owned())
    }

    fn path(&self) -> &str {
        &self.0
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Which address a request comes from at the origin.
#[derive(Clone, Copy, Debug)]
enum Seen {
    /// The client's, with its port.
    Client,
    /// The client's, with any port.
    ClientIp,
    /// Another one.
    Other(SocketAddr),
    /// Another one, with any port.
    OtherIp(IpAddr),
}

impl Seen {
    fn check(self, client: SocketAddr, seen: SocketAddr, section: &str) {
        let is_so = match self {
            Seen::Client => seen == client,
            Seen::ClientIp => seen.ip() == client.ip(),
            Seen::Other(other) => seen == other,
            Seen::OtherIp(other) => seen.ip() == other,
        };
        assert!(is_so, "{seen} is not {self:?} of {client}, of\n{section}");
    }
}

#[test]
fn a_server_sees_the_address_that_usesrc_names() {
    let Some(lab) = lab!() else { return };
    let net = Net::new(&lab);
    let mut text = "{defaults}".to_owned();
    let mut cases = Vec::new();
    for inet6 in [false, true] {
        let any = if inet6 { "[::]" } else { "0.0.0.0" };
        let nobody: IpAddr = NOBODY[usize::from(inet6)].parse().unwrap();
        let origin = SocketAddr::new(address(inet6, 2, 1), PORT);
        for (mode, is_section) in [("tcp", true), ("tcp", false), ("http", true), ("http", false)] {
            let next = |cases: &[_]| 1000 + u16::try_from(cases.len()).unwrap();
            // Of an idle connection no other can have both address and port.
            let own_port = SocketAddr::new(nobody, next(&cases));
            for (source, seen) in [
                ("client".to_owned(), Seen::Client),
                ("clientip".to_owned(), Seen::ClientIp),
                (if inet6 { format!("[{nobody}]") } else { nobody.to_string() }, Seen::OtherIp(nobody)),
                (own_port.to_string(), Seen::Other(own_port)),
            ] {
                // An address of the origin, where the proxy listens on another port.
                let bind = SocketAddr::new(origin.ip(), next(&cases));
                let line = format!("source {any} usesrc {source}");
                let (of_section, of_server) = if is_section { (&*line, "") } else { ("", &*line) };
                let section = format!(
                    "listen l{}\n mode {mode}\n http-reuse always\n bind {bind} transparent\n {of_section}\n \
                     server s {origin} {of_server}\n",
                    bind.port()
                );
                text += &section;
                cases.push((bind, seen, section));
            }
        }
    }
    let braid = net.start(&text);
    for (bind, seen, section) in &cases {
        // Of two clients each has its own address at the server, although connections are reused.
        for host in [1, 3, 1] {
            let (client, peer) = match seen {
                Seen::Other(_) => net.ask_in_turn(host, *bind),
                _ => net.ask(host, *bind, ""),
            };
            seen.check(client, peer, section);
        }
    }
    drop(braid);
}

#[test]
fn a_server_sees_the_address_that_a_request_names() {
    let Some(lab) = lab!() else { return };
    let net = Net::new(&lab);
    for (inet6, any, [one, two], other_family) in [
        (false, "0.0.0.0", ["203.0.113.9", "203.0.113.7"], "2001:db8::9"),
        (true, "[::]", ["2001:db8::9", "2001:db8::7"], "203.0.113.9"),
    ] {
        let (own, origin) = (address(inet6, 2, 2).to_string(), SocketAddr::new(address(inet6, 2, 1), PORT));
        let bind = |port| SocketAddr::new(origin.ip(), port);
        let listen = |port: u16, mode: &str, field: &str| {
            format!(
                "listen l{port}\n mode {mode}\n http-reuse always\n bind {} transparent\n \
                 source {any} usesrc hdr_ip({field})\n server s {origin}\n",
                bind(port)
            )
        };
        let sections =
            [listen(1000, "http", "X-Addr"), listen(1001, "http", "x-addr,1"), listen(1002, "tcp", "x-addr")];
        let braid = net.start(&format!("{{defaults}}{}", sections.concat()));
        for (port, header, expected) in [
            (1000, format!("x-addr: {one}\r\n"), one),
            (1000, format!("x-addr: {two}\r\n"), two),
            (1000, format!("x-addr: {two}, {one}\r\n"), one),
            (1000, format!("x-addr: {one}\r\nx-addr: {two}\r\n"), two),
            (1001, format!("x-addr: {one}, {two}\r\n"), one),
            // Nothing that connections to the server could come from.
            (1000, String::new(), &own),
            (1000, "x-addr: unknown\r\n".to_owned(), &own),
            (1000, format!("x-addr: {other_family}\r\n"), &own),
            (1002, format!("x-addr: {one}\r\n"), &own),
            // Connections are there to be used again, each for its own address.
            (1000, format!("x-addr: {one}\r\n"), one),
            (1000, format!("x-addr: {two}\r\n"), two),
        ] {
            let (_, seen) = net.ask(1, bind(port), &header);
            assert_eq!(seen.ip().to_string(), expected, "{port} {header:?}");
        }
        drop(braid);
    }
}

/// Whether this process can become another user.
fn has_other_users(test: &str) -> bool {
    // In a user namespace of its own root is the only one.
    let map = fs::read_to_string("/proc/self/uid_map").unwrap();
    let has = map.split_whitespace().nth(2).is_some_and(|count| count != "1");
    if !has {
        skip(test, "there is only one user here");
    }
    has
}

#[test]
fn a_user_without_rights_keeps_those_that_setcap_names() {
    let Some(lab) = lab!() else { return };
    if !has_other_users("a_user_without_rights_keeps_those_that_setcap_names") {
        return;
    }
    let net = Net::new(&lab);
    let (bind, origin) =
        (SocketAddr::new(address(false, 2, 1), 80), SocketAddr::new(address(false, 2, 1), PORT));
    let section = |global: &str| {
        format!(
            "global\n uid 65534\n gid 65534\n{global}{{defaults}}listen l\n mode http\n bind {bind} transparent\n \
             source 0.0.0.0 usesrc client\n server s {origin}\n"
        )
    };
    for (names, set) in
        [("cap_net_raw", 1_u64 << 13), ("cap_net_admin,cap_net_bind_service", 1 << 12 | 1 << 10)]
    {
        let text = section(&format!(" setcap {names}\n"));
        let braid = net.start(&text);
        for _ in 0..2 {
            let (client, seen) = net.ask(1, bind, "");
            Seen::Client.check(client, seen, &text);
        }
        // Of all threads.
        let mut threads = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", braid.process.pid())).unwrap() {
            let status = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
            let value = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            };
            for ids in ["Uid:", "Gid:"] {
                assert_eq!(value(ids), ["65534"; 4], "{ids}");
            }
            for capabilities in ["CapPrm:", "CapEff:"] {
                assert_eq!(value(capabilities), [format!("{set:016x}")], "{capabilities}");
            }
            threads += 1;
        }
        assert!(threads > 1, "there are workers");
    }
    for global in ["", " setcap cap_net_bind_service\n"] {
        let file = Config::new(&section(global));
        let braid = Forward::command().unwrap().args(["-f", file.path()]).inside(&net.proxy);
        let (code, output) = braid.run().unwrap();
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains("'usesrc client' needs privileges that 'user' or 'uid'"), "{output}");
    }
}
