//! Other programs as clients, as origins and as a proxy in front: curl, Python, nginx, HAProxy.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use braid_tests::directory::Directory;
use braid_tests::forks::{start, start_with, without_forks};
use braid_tests::loopback::{address, listening};
use braid_tests::poll::eventually;
use braid_tests::process::Process;
use braid_tests::program::Program;
use braid_tests::rows::RowFailure;
use braid_tests::skip::skip;

use crate::peers::LIMIT;
use crate::scenario::Row;
use crate::world::World;

/// The size of the long file: more than all buffers on the way.
const SIZE: usize = 3 << 20;
const SMALL: &str = "small\n";

/// Returns whether a program can be started here; if not, the test is counted as skipped.
fn has(test: &str, name: &str, flag: &str) -> bool {
    let mut command = Command::new(name);
    command.arg(flag).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _alone = without_forks();
    let there = command.status().is_ok_and(|status| status.success());
    if !there {
        skip(test, &format!("no {name}"));
    }
    there
}

/// Makes a folder with a long and a short file, readable by all users.
fn site(name: &str) -> Directory {
    let directory = Directory::new(name).unwrap();
    fs::set_permissions(directory.file(""), fs::Permissions::from_mode(0o755)).unwrap();
    let long: Vec<u8> = (0..SIZE).map(|index| (index % 251) as u8).collect();
    fs::write(directory.file("long"), long).unwrap();
    fs::write(directory.file("small"), SMALL).unwrap();
    directory
}

/// Returns the output of curl, which has to succeed.
fn curl(arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("curl");
    command.args(["-sS", "--noproxy", "*", "--max-time", "10"]).args(arguments).stdin(Stdio::null());
    let child = {
        let _alone = without_forks();
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?
    };
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("curl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Fetches a long file, a short one twice over one connection, a missing one, a part, and only the head.
fn fetch(base: &str, site: &Directory) -> Result<(), String> {
    let same = |wanted: &str, got: String| {
        if wanted == got { Ok(()) } else { Err(format!("{got:?} instead of {wanted:?}")) }
    };
    let got = site.file("got");
    let got_name = got.display().to_string();
    curl(&["-o", &got_name, &format!("{base}/long")])?;
    let bytes = |file: &Path| fs::read(file).map_err(|error| error.to_string());
    if bytes(&got)? != bytes(&site.file("long"))? {
        return Err("the long file is not the same".to_owned());
    }
    let small = format!("{base}/small");
    let both = curl(&["-w", "%{http_code} %{num_connects},", &small, &small])?;
    same(&format!("{SMALL}200 1,{SMALL}200 0,"), both)?;
    same("404", curl(&["-o", "/dev/null", "-w", "%{http_code}", &format!("{base}/missing")])?)?;
    same("200", curl(&["-I", "-o", "/dev/null", "-w", "%{http_code}", &format!("{base}/long")])?)?;
    same(SMALL, curl(&["--http1.0", &small])?)
}

/// Serves curl from Python's server, which speaks HTTP/1.0, and closes after each response.
pub(crate) fn curl_to_python(program: &Program) -> Result<(), RowFailure> {
    let test = format!("{}::curl_to_python", program.name);
    if !has(&test, "curl", "--version") || !has(&test, "python3", "--version") {
        return Ok(());
    }
    let site = site("python");
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]).arg(site.file(""));
    let python = start(command)?;
    let said = python.wait_for_line(" port ", LIMIT).map_err(|error| error.to_string())?;
    let port = said.split(" port ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let row = format!("server: -\nback: server s1 127.0.0.1:{port}");
    let world = World::new(program, &Row::new("curl-to-python", &row))?;
    Ok(fetch(&format!("http://{}", world.front()), &site)?)
}

/// Serves curl from nginx, which keeps its connections. It listens on a path, since it does not accept port 0.
pub(crate) fn curl_to_nginx(program: &Program) -> Result<(), RowFailure> {
    let test = format!("{}::curl_to_nginx", program.name);
    if !has(&test, "curl", "--version") || !has(&test, "nginx", "-v") {
        return Ok(());
    }
    let (site, _nginx) = nginx()?;
    let socket = site.file("socket").display().to_string();
    let row = format!("server: -\nback: http-reuse always\nback: server s1 unix@{socket}");
    let world = World::new(program, &Row::new("curl-to-nginx", &row))?;
    let base = format!("http://{}", world.front());
    fetch(&base, &site)?;
    let part = curl(&["-r", "1-3", "-w", "%{http_code}", &format!("{base}/small")])?;
    if part != "mal206" {
        return Err(RowFailure::Failed(format!("a part: {part}")));
    }
    // An upload that nginx refuses after it has read it, and one with an expectation.
    let upload = format!("@{}", site.file("long").display());
    for expect in ["Expect:", "Expect: 100-continue"] {
        let arguments = [
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-H",
            expect,
            "--data-binary",
            &upload,
            &format!("{base}/small"),
        ];
        let status = curl(&arguments)?;
        if !["405", "413"].contains(&&*status) {
            return Err(RowFailure::Failed(format!("an upload: {status}")));
        }
    }
    Ok(())
}

/// Runs a HAProxy in front, which adds what proxies add, and keeps its connections to `program`.
pub(crate) fn after_haproxy(program: &Program) -> Result<(), RowFailure> {
    let test = format!("{}::after_haproxy", program.name);
    if !has(&test, "curl", "--version") || !has(&test, "nginx", "-v") || !has(&test, "haproxy", "-v") {
        return Ok(());
    }
    let (site, _nginx) = nginx()?;
    let socket = site.file("socket").display().to_string();
    let row = format!("server: -\nback: server s1 unix@{socket}\ndefaults: option forwardfor");
    let world = World::new(program, &Row::new("after-haproxy", &row))?;
    let front = listening(None)?;
    let config = format!(
        "defaults\n    mode http\n    timeout connect 10s\n    timeout client 10s\n    timeout server 10s\n    \
         option forwardfor\nlisten l\n    bind fd@{}\n    http-reuse always\n    server s {}\n",
        std::os::fd::AsRawFd::as_raw_fd(&front),
        world.front()
    );
    let file = site.file("haproxy.cfg");
    fs::write(&file, config).unwrap();
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(file);
    let _haproxy = start_with(command, &front)?;
    Ok(fetch(&format!("http://{}", address(&front)), &site)?)
}

/// Starts an nginx that serves a site on a path, and waits until it listens.
fn nginx() -> Result<(Directory, Process), String> {
    let site = site("nginx");
    let folder = site.file("").display().to_string();
    let config = format!(
        "daemon off; master_process off; pid {folder}pid; error_log stderr;\nevents {{}}\n\
         http {{ access_log off; client_body_temp_path {folder}body; proxy_temp_path {folder}proxy;\n\
         fastcgi_temp_path {folder}fastcgi; uwsgi_temp_path {folder}uwsgi; scgi_temp_path {folder}scgi;\n\
         server {{ listen unix:{folder}socket; root {folder}; client_max_body_size 100m; }} }}\n"
    );
    let file = site.file("nginx.conf");
    fs::write(&file, config).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-e").arg("stderr").arg("-c").arg(file);
    let process = start(command).map_err(|error| error.to_string())?;
    let there = || std::os::unix::net::UnixStream::connect(site.file("socket")).ok();
    match eventually(LIMIT, there) {
        Some(_) => Ok((site, process)),
        None => Err(format!("nginx does not listen: {}", process.output())),
    }
}
