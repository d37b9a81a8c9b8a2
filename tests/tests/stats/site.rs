//! A running program with a frontend of HTTP, and its server.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;

use braid_tests::forward::{Braid, Forward, LIMIT};

/// A running program.
pub(crate) struct Site {
    pub(crate) braid: Braid,
    dir: PathBuf,
    web: SocketAddr,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// Returns the value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Rows of CSV, each a map from the names of the fields.
pub(crate) type Rows = Vec<HashMap<String, String>>;

impl Site {
    /// Starts a program. In `sections`, `{web}` is the address of the frontend and `{origin}` that of a server.
    pub(crate) fn new(test: &str, sections: &str) -> Site {
        let dir = std::env::temp_dir().join(format!("braid-{}-stats-{test}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let web = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = web.local_addr().unwrap();
        let text = format!(
            "global\n    stats socket \"{}\" level admin\n    nbthread 2\n\
             defaults\n    mode http\n    timeout connect 10s\n    timeout client 1m\n    timeout server 1m\n{}",
            dir.join("socket").display(),
            sections.replace("{web}", "fd@${web}").replace("{origin}", &origin().to_string())
        );
        let file = dir.join("cfg");
        fs::write(&file, text).unwrap();
        let braid = Forward::command().unwrap().args(["-d", "-dM", "-dI", "-f", file.to_str().unwrap()]);
        let braid = braid.env("web", web.as_raw_fd().to_string()).pass(web).start().unwrap();
        Site { braid, dir, web: address }
    }

    /// Returns the answer of the runtime socket.
    pub(crate) fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.dir.join("socket")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Returns the rows of `show stat`, or of `show stat` with arguments.
    pub(crate) fn rows(&self, arguments: &str) -> Rows {
        rows(&self.ask(&format!("show stat {arguments}")))
    }

    /// Requests a target over a connection of its own.
    pub(crate) fn get(&self, target: &str) -> Reply {
        self.request(&format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"))
    }

    /// Sends a request over a connection of its own.
    pub(crate) fn request(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.web).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let field =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Reply { status, fields: lines.filter_map(field).collect(), body: body.to_owned() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// Reads the rows of a CSV of statistics without quoted values.
pub(crate) fn rows(text: &str) -> Rows {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let header = lines.next().unwrap().strip_prefix("# ").unwrap();
    let names: Vec<&str> = header.split(',').collect();
    let row = |line: &str| {
        names.iter().zip(line.split(',')).map(|(name, value)| ((*name).into(), value.into())).collect()
    };
    lines.map(row).collect()
}

/// Returns the row of an object.
pub(crate) fn row<'r>(rows: &'r Rows, proxy: &str, object: &str) -> &'r HashMap<String, String> {
    let found = rows.iter().find(|row| row["pxname"] == proxy && row["svname"] == object);
    found.unwrap_or_else(|| panic!("{proxy}/{object} in {rows:?}"))
}

/// Starts a server whose responses have the status that the path names, and returns its address.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || respond(stream));
        }
    });
    address
}

/// Responds until the client closes.
fn respond(stream: TcpStream) {
    let mut requests = BufReader::new(&stream);
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line).is_ok_and(|length| length > 0) {
            let status = line.split(['/', ' ']).nth(2).unwrap_or_default().to_owned();
            while line.trim_end() != "" {
                line.clear();
                drop(requests.read_line(&mut line));
            }
            let response = format!("HTTP/1.1 {status} Test\r\nContent-Length: 5\r\n\r\nhello");
            if (&stream).write_all(response.as_bytes()).is_ok() {
                continue;
            }
        }
        return;
    }
}
