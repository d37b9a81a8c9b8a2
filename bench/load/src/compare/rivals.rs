//! The proxies to compare: where their binaries are, and the configuration with which each does the same.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::setting::Servers;
use super::setting::Setting;
use crate::link::Transport;

/// Folders of servers, which are not on every PATH.
const ALSO: [&str; 2] = ["/usr/local/sbin", "/usr/sbin"];

/// A proxy whose configuration this program can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RivalKind {
    Braid,
    Haproxy,
    Nginx,
}

/// One binary.
#[derive(Clone, Debug)]
pub(crate) struct Rival {
    pub(crate) kind: RivalKind,
    /// The number among those of its kind, from 1: two builds can be compared.
    pub(crate) number: usize,
    pub(crate) binary: PathBuf,
}

impl RivalKind {
    const ALL: [Self; 3] = [Self::Braid, Self::Haproxy, Self::Nginx];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Braid => "braid",
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Returns the named binaries, those on the PATH for kinds that are not named, and the kinds without a binary.
pub(crate) fn find(named: &[(RivalKind, PathBuf)]) -> (Vec<Rival>, Vec<RivalKind>) {
    let (mut rivals, mut missing, mut numbers) = (Vec::new(), Vec::new(), HashMap::new());
    for kind in RivalKind::ALL {
        let mut binaries: Vec<PathBuf> =
            named.iter().filter(|(of, _)| *of == kind).map(|(_, path)| path.clone()).collect();
        if binaries.is_empty() {
            binaries.extend(on_path(kind.name()));
        }
        if binaries.is_empty() {
            missing.push(kind);
        }
        for binary in binaries {
            let number: &mut usize = numbers.entry(kind).or_default();
            *number += 1;
            rivals.push(Rival { kind, number: *number, binary });
        }
    }
    (rivals, missing)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(ALSO.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

impl Rival {
    pub(crate) fn name(&self) -> String {
        match self.number {
            1 => self.kind.name().to_owned(),
            number => format!("{} #{number}", self.kind.name()),
        }
    }

    /// Returns the first line of its version.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(&self.binary).arg("-v").stdin(Stdio::null()).output();
        let text = output.map_or_else(
            |error| error.to_string().into_bytes(),
            |output| {
                // nginx writes it to standard error.
                if output.stdout.is_empty() { output.stderr } else { output.stdout }
            },
        );
        String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
    }

    /// Returns why this proxy cannot run with this setting at all.
    pub(crate) fn cannot(&self, setting: &Setting) -> Option<&'static str> {
        match (self.kind, setting.transport) {
            (RivalKind::Nginx, Transport::Mptcp) => {
                Some("no MPTCP listener in its configuration language that all versions know")
            }
            (RivalKind::Nginx, _) if setting.servers.is_some() => {
                Some("no health checks like those of the others")
            }
            _ => None,
        }
    }

    pub(crate) fn configuration(&self, setting: &Setting, listen: SocketAddr, folder: &Path) -> String {
        match self.kind {
            RivalKind::Braid | RivalKind::Haproxy => haproxy(setting, listen),
            RivalKind::Nginx => nginx(setting, listen, folder),
        }
    }

    /// Returns the command that runs it in the foreground, with one process and one thread.
    pub(crate) fn command(&self, configuration: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        match self.kind {
            RivalKind::Braid | RivalKind::Haproxy => command.args(["-db", "-f"]).arg(configuration),
            RivalKind::Nginx => command.args(["-e", "stderr", "-c"]).arg(configuration),
        };
        command
    }
}

/// Returns a configuration for HAProxy, which Braid reads, too. It has no line that the load does not need.
fn haproxy(setting: &Setting, listen: SocketAddr) -> String {
    let mut text = String::from("global\n    nbthread 1\n    maxconn 4000\n");
    if setting.tuned {
        text.push_str("    tune.pipesize 1048576\n");
    }
    text.push_str(
        "defaults\n    mode http\n    timeout connect 5s\n    timeout client 60s\n    timeout server 60s\n",
    );
    if setting.tuned {
        text.push_str("    option splice-auto\n");
    }
    text.push_str(match (setting.keep_alive, setting.server_keep_alive) {
        (true, true) => "",
        // By default the first request of a connection does not use an idle server connection that another client
        // has left, unless that has been reused before; with a connection per request none ever would be.
        (false, true) => "    http-reuse always\n",
        (_, false) => "    option http-server-close\n",
    });
    if let Some(log) = setting.log {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    log {log} local0\n    option httplog");
    }
    let prefix = match setting.transport {
        Transport::Tcp => "",
        Transport::Mptcp => "mptcp@",
    };
    let _ = writeln!(text, "listen proxy\n    bind {prefix}{listen}");
    match setting.servers {
        None => {
            let _ = writeln!(text, "    server origin {}", setting.origin);
        }
        Some(Servers { count, balance }) => {
            let _ = writeln!(text, "    {balance}\n    default-server check inter 2s");
            for number in 1..=count {
                let _ = writeln!(text, "    server s{number} {}", setting.origin);
            }
        }
    }
    text
}

fn nginx(setting: &Setting, listen: SocketAddr, folder: &Path) -> String {
    let folder = folder.display();
    let log = setting.log.map_or("off".to_owned(), |log| format!("syslog:server={log} combined"));
    // By default, responses that are larger than the buffers are written to a file when the client is slower than
    // the origin.
    let tuning = if setting.tuned {
        "    proxy_max_temp_file_size 0;\n    proxy_buffer_size 64k;\n    proxy_buffers 16 64k;\n    \
         proxy_busy_buffers_size 512k;\n"
    } else {
        ""
    };
    let (version, keep) = if setting.server_keep_alive {
        (
            "proxy_http_version 1.1; proxy_set_header Connection \"\";",
            "keepalive 64; keepalive_requests 1000000000;",
        )
    } else {
        ("proxy_http_version 1.1; proxy_set_header Connection close;", "")
    };
    let origin = setting.origin;
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{ worker_connections 4000; }}\nhttp {{\n    \
         access_log {log};\n    keepalive_requests 1000000000;\n    client_body_temp_path {folder}/body;\n    \
         proxy_temp_path {folder}/proxy;\n    fastcgi_temp_path {folder}/fastcgi;\n    \
         scgi_temp_path {folder}/scgi;\n    uwsgi_temp_path {folder}/uwsgi;\n{tuning}    \
         upstream origin {{ server {origin}; {keep} }}\n    \
         server {{ listen {listen}; location / {{ proxy_pass http://origin; {version} }} }}\n}}\n"
    )
}
