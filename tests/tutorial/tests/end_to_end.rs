//! Tests of the program: two of them in a row, with one of the transports between them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::process::Process;
use braid_tests::syslog::Syslog;

const LIMIT: Duration = Duration::from_secs(20);
/// More bytes than the buffers on the way hold, so that every stage has to wait and continue.
const LENGTH: usize = 8 << 20;

fn braid(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_braid-tutorial"));
    command.args(arguments);
    command
}

/// Starts a `forward`, and returns the address that it reports.
fn forward(bind: &str, server: &str) -> (Process, String) {
    // Two workers: a connection may be read on another worker than the one that accepted it.
    let process = Process::start(braid(&["forward", bind, server, "--threads", "2", "--log"]));
    let process = process.expect("it starts");
    process.wait_for_line("ready", LIMIT).expect("it gets ready");
    let line = process.wait_for_line("listening on ", LIMIT).expect("it says where");
    let (_, address) = line.split_once("listening on ").expect("an address");
    (process, address.to_owned())
}

/// Starts a server that echoes one connection, and returns its address.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        let (mut reader, _) = listener.accept().expect("a client");
        let mut writer = reader.try_clone().expect("a second handle");
        std::io::copy(&mut reader, &mut writer).expect("it copies");
        writer.shutdown(Shutdown::Write).expect("it ends");
    });
    address.to_string()
}

/// Sends bytes and compares what is returned.
fn round_trip(address: &str) {
    // Without a period that could match a buffer's size or a key's length.
    let bytes: Vec<u8> = (0..LENGTH as u64).map(|n| ((n * n) >> 7) as u8).collect();
    let mut reader = TcpStream::connect(address).expect("it connects");
    reader.set_read_timeout(Some(LIMIT)).expect("a time-out");
    let mut writer = reader.try_clone().expect("a second handle");
    let sender = thread::spawn({
        let bytes = bytes.clone();
        move || {
            writer.write_all(&bytes).expect("it writes");
            writer.shutdown(Shutdown::Write).expect("it ends");
        }
    });
    let mut back = Vec::new();
    reader.read_to_end(&mut back).expect("it reads to the end");
    sender.join().expect("the sender succeeds");
    assert!(back == bytes, "{} of {LENGTH} bytes were returned, or they differ", back.len());
}

/// Runs two in a row: the far one listens on `bind`, and the near one connects to it by the address that `server`
/// makes.
fn chain(bind: &str, server: impl Fn(&str) -> String) -> [String; 2] {
    let (far, middle) = forward(bind, &format!("tcp@{}", echo()));
    let (near, address) = forward("tcp@127.0.0.1:0", &server(&middle));
    round_trip(&address);
    let log = |process: &Process| process.wait_for_line("ended=", LIMIT).expect("a line of the log");
    [log(&far), log(&near)]
}

#[test]
fn scrambled_between_two() {
    for (loopback, protocol) in [("127.0.0.1", "scr4"), ("[::1]", "scr6")] {
        let [far, near] =
            chain(&format!("scr@{loopback}:0 scr-key sesame"), |at| format!("scr@{at} scr-key sesame"));
        assert!(far.contains(&format!("client-protocol={protocol} client-state=native")), "{far}");
        assert!(near.contains(&format!("server-protocol={protocol} server-state=native")), "{near}");
    }
}

#[test]
fn a_room_between_two() {
    let room = format!("room@End-To-End-{}", std::process::id());
    let [far, near] = chain(&format!("{room}/0"), str::to_owned);
    assert!(far.contains("client=room@ ") && far.contains("client-protocol=room "), "{far}");
    let first_free_door = format!("server={}/1 server-protocol=room ", room.to_lowercase());
    assert!(near.contains(&first_free_door), "{near}");
}

/// Sends an HTTP request and returns the body of the response.
fn ask(address: &str) -> String {
    let mut client = TcpStream::connect(address).expect("it connects");
    client.set_read_timeout(Some(LIMIT)).expect("a time-out");
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it asks");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("it reads to the end");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or(answer)
}

#[test]
fn a_range_of_doors_with_addresses_that_rules_know() {
    let room = format!("room@range-{}", std::process::id());
    let says = "%[src] %[src_port] %[dst] %[dst_port] %ci:%cp %fi:%fp";
    let config = format!(
        "defaults\n    mode http\n    timeout client 20s\nfrontend doors\n    bind {room}/7-9\n    \
         http-request return status 200 content-type text/plain lf-string \"{says}\"\n"
    );
    let file = std::env::temp_dir().join(format!("braid-doors-{}.cfg", std::process::id()));
    std::fs::write(&file, config).expect("a configuration");
    let process = Process::start(braid(&["-V", "-f", file.to_str().expect("a path")])).expect("it starts");
    for door in 7..=9 {
        process.wait_for_line(&format!("listening on {room}/{door}"), LIMIT).expect("it listens");
    }
    std::fs::remove_file(&file).expect("it is read");
    for door in 7..=9 {
        let (_near, address) = forward("tcp@127.0.0.1:0", &format!("{room}/{door}"));
        // A guest has no port: the sample has no value, and the log has 0.
        assert_eq!(ask(&address), format!("127.0.0.1  127.0.0.1 {door} 127.0.0.1:0 127.0.0.1:{door}"));
    }
}

#[test]
fn packed_between_two_over_any_transport() {
    let room = format!("room@packed-{}/0", std::process::id());
    chain("pack+tcp@127.0.0.1:0", |at| format!("pack+tcp@{at} pack-piece 1000"));
    chain("pack+mptcp@[::1]:0 pack-piece 99", |at| format!("pack+mptcp@{at}"));
    chain(&format!("pack+{room}"), |at| format!("pack+{at}"));
    let [far, near] =
        chain("pack+pack+scr@127.0.0.1:0 scr-key k", |at| format!("pack+pack+scr@{at} scr-key k"));
    assert!(far.contains("client-protocol=pack+pack+scr4 "), "{far}");
    assert!(near.contains("server-protocol=pack+pack+scr4 "), "{near}");
}

fn output(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = braid(arguments).output().expect("it runs");
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn the_listing_has_everything() {
    let (status, text) = output(&["-vv"]);
    assert_eq!(status, Some(0));
    for name in ["scr4", "scr6", "room", "scr@", "room@", "scr-key <key>", "scr_bytes", "pack+", "pack_saved"]
    {
        let line = text.lines().find(|line| line.contains(name));
        assert!(line.is_some(), "{name} is missing in {text}");
    }
    assert!(text.contains("proto-tutorial"), "the crate is missing: {text}");
}

#[test]
fn mistakes_are_reported() {
    for (bind, expected) in [
        ("room@lobby", "'lobby' is not an address of the family room"),
        ("scr@127.0.0.1:0 scr-key", "missing argument after 'scr-key'; expected <key>"),
        ("scr@127.0.0.1:0 scr-kye x", "did you mean 'scr-key'"),
        ("pakc+scr@127.0.0.1:0", "unknown prefix 'pakc+'; did you mean 'pack+'?"),
        ("pack+scr@127.0.0.1:0 pack-piece 0", "invalid value '0' for 'pack-piece'"),
        ("scr@127.0.0.1:0 pack-piece 1", "'pack-piece' is not supported by scr4, the transport of this line"),
        ("pack+quic4@127.0.0.1:0", "the layer 'pack+' is for streams; quicv4 is a multiplexed protocol"),
    ] {
        let (status, text) = output(&["forward", bind, "tcp@127.0.0.1:1"]);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains(expected), "{bind}: {text}");
    }
}

/// The probe reports any transport and layer, and sends requests over them.
#[test]
fn probed() {
    let answering = || {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut request) = (stream.expect("a client"), [0; 4096]);
                if matches!(stream.read(&mut request), Ok(length) if length > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                }
            }
        });
        format!("tcp@{address}")
    };
    let (_far, at) = forward("pack+scr@127.0.0.1:0 scr-key k", &answering());
    let place = format!("pack+scr@{at}");
    let (status, text) = output(&["probe", &format!("{place} scr-key k"), "--get"]);
    assert_eq!(status, Some(0), "{text}");
    for part in [
        format!("yes  {place}: connected by pack over scr4\n"),
        format!("     connected  to {at} in "),
        "     get        HTTP/1.1 200 OK, 5 bytes of body\n".to_owned(),
        "     scr_bytes  ".to_owned(),
        "     pack_saved ".to_owned(),
    ] {
        assert!(text.contains(&part), "{part:?} in {text}");
    }
    let (status, text) = output(&["probe", &format!("{place} scr-key k"), "--json"]);
    assert_eq!(status, Some(0), "{text}");
    let facts = r#""transport":"scr4","layers":["pack"],"state":"native""#;
    assert!(text.contains(facts) && text.contains(r#""scr_bytes":"#), "{text}");
    // The other end has another key: the handshake of the layer fails.
    let (status, text) = output(&["probe", &format!("{place} scr-key other"), "--json", "--timeout", "2s"]);
    assert_eq!(status, Some(3), "{text}");
    assert!(text.contains(r#""reason":"handshake""#) && text.contains("pack"), "{text}");

    let room = format!("room@probed-{}", std::process::id());
    let (_far, _) = forward(&format!("{room}/1"), &answering());
    let (status, text) = output(&["probe", &format!("{room}/1"), "--get"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("connected by room\n") && text.contains("5 bytes of body"), "{text}");
    let (status, text) = output(&["probe", &format!("{room}/2")]);
    assert_eq!(status, Some(3), "{text}");
    assert!(text.contains(&format!("cannot connect to {room}/2")), "{text}");
    let (status, text) = output(&["probe", "scr@127.0.0.1:1 pack-piece 1"]);
    assert_eq!(status, Some(3), "{text}");
    assert!(text.contains("'pack-piece' is not supported by scr4"), "{text}");
}

#[test]
fn an_option_without_an_effect_causes_a_warning() {
    let room = format!("room@warned-{}/7", std::process::id());
    let (process, address) = forward(&format!("{room} tfo"), "tcp@127.0.0.1:1");
    assert_eq!(address, room);
    let line = process.wait_for_line("[WARNING]", LIMIT).expect("a warning");
    assert!(line.contains(&room) && line.contains("'tfo'") && line.contains("(room)"), "{line}");
    let (status, text) = output(&["forward", &room, "tcp@127.0.0.1:1"]);
    assert_eq!(status, Some(1));
    assert!(text.contains(&format!("cannot bind for {room}: Address already in use")), "{text}");
}

const SAMPLED: &str = "
global
    log {log} local0
defaults
    mode http
    log global
    log-format \"%f %[pack_server_saved] %[bc_fact(pack_saved)]\"
    timeout connect 20s
    timeout client 20s
    timeout server 20s
listen near
    bind {near}
    http-response set-header Saved %[pack_server_saved]
    server far pack+abns@{far}
frontend far
    no log
    bind pack+abns@{far}
    http-request return status 200 content-type text/plain string {run}
";

#[test]
fn rules_and_logs_have_samples_of_the_servers_connection() {
    let directory = Directory::new("sampled").expect("a directory");
    let mut log = Syslog::new().expect("a log");
    let (near, far) = (directory.file("near.sock"), format!("sampled-{}", std::process::id()));
    let config = SAMPLED
        .replace("{log}", &log.address().expect("its address").to_string())
        .replace("{near}", &near.display().to_string())
        .replace("{far}", &far)
        .replace("{run}", &"a".repeat(1000));
    let file = directory.file("cfg");
    std::fs::write(&file, config).expect("a file");
    let process = Process::start(braid(&["-f", &file.display().to_string()])).expect("it starts");
    process.wait_for_line("ready", LIMIT).expect("it gets ready");
    let mut client = UnixStream::connect(&near).expect("it connects");
    client.set_read_timeout(Some(LIMIT)).expect("a time-out");
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("it writes");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("it reads");
    let saved = |line: &str| line.trim().parse::<u32>().ok();
    // The head and the body of the response may have arrived one after the other.
    let header = answer.lines().find_map(|line| saved(line.strip_prefix("saved:")?));
    assert!(header.is_some(), "{answer}");
    let line = log.wait(&mut 0, LIMIT, |line| line.message.starts_with("near ")).expect("a line");
    let [_, sample, fact] = line.message.split(' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
    // At the end all of the body had arrived.
    assert!(sample == fact && saved(sample) > Some(900) && saved(sample) >= header, "{line:?}, {header:?}");
}
