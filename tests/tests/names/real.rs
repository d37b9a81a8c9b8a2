//! A real name server, dnsmasq, whose records change.

use std::fs;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};

use braid_tests::directory::Directory;
use braid_tests::skip::skip;

use super::site::{Site, programs};

/// A running dnsmasq.
struct Dnsmasq {
    child: Child,
    dir: Directory,
    port: u16,
}

impl Dnsmasq {
    /// Starts one with these lines of a file of hosts, and these options. Returns why it cannot.
    fn start(test: &str, hosts: &str, options: &[&str]) -> Result<Dnsmasq, String> {
        let dir = Directory::new(test).map_err(|error| error.to_string())?;
        let port = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = port.map_err(|error| error.to_string())?.port();
        fs::write(dir.file("hosts"), hosts).map_err(|error| error.to_string())?;
        let child = Command::new("dnsmasq")
            .args([
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--bind-interfaces",
            ])
            .args(["--listen-address=127.0.0.1", "--user=", "--group=", "--pid-file"])
            .arg(format!("--port={port}"))
            .arg(format!("--addn-hosts={}", dir.file("hosts").display()))
            .args(options)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("no dnsmasq: {error}"))?;
        Ok(Dnsmasq { child, dir, port })
    }

    /// Has it read other hosts.
    fn changes(&self, hosts: &str) {
        fs::write(self.dir.file("hosts"), hosts).unwrap();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn servers_follow_a_real_name_server_by_udp_and_tcp() {
    let test = "names::real::servers_follow_a_real_name_server_by_udp_and_tcp";
    for program in programs(test) {
        for by in ["udp@", "tcp@"] {
            let dnsmasq = match Dnsmasq::start("names-real", "127.0.0.2 s.test\n", &[]) {
                Ok(dnsmasq) => dnsmasq,
                Err(why) => return skip(test, &why),
            };
            let section =
                format!(" nameserver ns {by}127.0.0.1:{}\n hold refused 0\n resolve_retries 5", dnsmasq.port);
            let line = " server-template s 2 s.test:80 resolvers r init-addr none resolve-prefer ipv4";
            let mut site = Site::new(&program, "names-real", &section, line);
            site.line("b/s1: IP changed from '(none)' to '127.0.0.2' by 'r/ns'.");
            site.line("Server b/s1 ('s.test') is UP/READY (resolves again).");
            // There is an address for one of them only.
            assert_eq!(
                site.servers(),
                ["s1 127.0.0.2 0 1 s.test 80 -", "s2 - 32 1 s.test 80 -"],
                "{} {by}",
                program.name
            );
            dnsmasq.changes("127.0.0.3 s.test\n127.0.0.2 s.test\n");
            site.line("b/s2: IP changed from '(none)' to '127.0.0.3' by 'DNS cache'.");
            site.line("Server b/s2 ('s.test') is UP/READY (resolves again).");
            dnsmasq.changes("127.0.0.3 s.test\n127.0.0.4 s.test\n");
            site.line("b/s1: IP changed from '127.0.0.2' to '127.0.0.4' by 'r/ns'.");
            dnsmasq.changes("127.0.0.5 other.test\n");
            site.line("Server b/s1 is going DOWN for maintenance (DNS refused status).");
            site.line("Server b/s2 is going DOWN for maintenance (DNS refused status).");
            let renamed = site.ask("set server b/s2 fqdn other.test");
            assert_eq!(renamed, "b/s2 changed its FQDN from s.test to other.test by 'stats socket command'");
            site.line("b/s2: IP changed from '(none)' to '127.0.0.5' by 'r/ns'.");
            site.line("Server b/s2 ('other.test') is UP/READY (resolves again).");
        }
    }
}
