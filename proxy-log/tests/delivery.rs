//! Lines from loggers through the sink to real sockets and pipes.

use std::io::Read as _;
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use proptest::prelude::*;
use proto_core::address::Address;
use proxy_log::{
    Destination, Facility, Format, Identity, Level, LogList, LogTarget, Logger, Notice, Sink, SinkLimits,
};

const LONG: Duration = Duration::from_secs(30);

fn silent(_: &Notice) {}

fn list(targets: Vec<LogTarget>) -> LogList {
    LogList { targets, identity: Identity { tag: "t".into(), hostname: Some("h".into()), pid: 7 } }
}

fn target(destination: Destination, format: Format) -> LogTarget {
    LogTarget { format: Some(format), ..LogTarget::new(destination, Facility::Local3) }
}

fn udp() -> (UdpSocket, Destination) {
    let receiver = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    receiver.set_read_timeout(Some(LONG)).expect("a timeout");
    let address = receiver.local_addr().expect("its address");
    (receiver, Destination::Datagram(Address::Inet(address)))
}

fn receive(receiver: &UdpSocket) -> String {
    let mut buffer = vec![0; 70_000];
    let length = receiver.recv(&mut buffer).expect("a datagram");
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

/// Returns whether a text is a date of that pattern: `0` stands for any digit, `A` for any letter, `+` for either
/// sign.
fn looks_like(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(char, pattern)| match pattern {
            '0' => char.is_ascii_digit() || char == ' ',
            'A' => char.is_ascii_alphabetic(),
            '+' => char == '+' || char == '-',
            _ => char == pattern,
        })
}

#[test]
fn every_format_arrives_over_udp_with_its_date() {
    let sink = Sink::start(SinkLimits::default(), silent).expect("a sink");
    for (format, pattern) in [
        (Format::Local, "<158>AAA 00 00:00:00 t[7]: text\n"),
        (Format::Rfc3164, "<158>AAA 00 00:00:00 h t[7]: text\n"),
        (Format::Rfc5424, "<158>1 0000-00-00T00:00:00.000000+00:00 h t 7 - - text\n"),
        (Format::Priority, "<158>text\n"),
        (Format::Short, "<6>text\n"),
        (Format::Timed, "<6>0000-00-00T00:00:00.000000+00:00 text\n"),
        (Format::Iso, "0000-00-00T00:00:00.000000+00:00 text\n"),
        (Format::Raw, "text\n"),
    ] {
        let (receiver, destination) = udp();
        sink.logger(list(vec![target(destination, format)])).log(Level::Info, "text");
        let got = receive(&receiver);
        // The digits of the header that do not vary are those in its pattern's brackets.
        let fixed = pattern.starts_with('<').then(|| &pattern[..=pattern.find('>').expect("a bracket")]);
        assert!(got.starts_with(fixed.unwrap_or("")), "{format:?}: {got}");
        let (got, pattern) = (&got[fixed.map_or(0, str::len)..], &pattern[fixed.map_or(0, str::len)..]);
        let (head, tail) = pattern.split_at(pattern.find(['t', 'h']).expect("a word"));
        let rest = got.strip_suffix(tail).unwrap_or_else(|| panic!("{format:?}: {got}"));
        // RFC 5424 has its version before the date.
        let (rest, head) = if format == Format::Rfc5424 { (&rest[2..], &head[2..]) } else { (rest, head) };
        assert!(looks_like(rest, head), "{format:?}: {rest}");
    }
    assert!(sink.finish(LONG).complete);
}

#[test]
fn levels_are_filtered_and_capped_and_samples_exact_over_all_threads() {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let (receiver, destination) = udp();
    let sink = Sink::start(SinkLimits::default(), silent).expect("a sink");
    let sampled = LogTarget {
        sampling: Some("2,4-5:6".parse().expect("a sampling")),
        max_level: Level::Info,
        ..target(Destination::Fd(writer.as_raw_fd()), Format::Short)
    };
    let capped = LogTarget {
        max_level: Level::Notice,
        min_level: Level::Warning,
        ..target(destination, Format::Short)
    };
    let logger = sink.logger(list(vec![sampled, capped]));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let logger = logger.clone();
            scope.spawn(move || {
                for _ in 0..200 {
                    logger.log(Level::Debug, "above the level, and not counted by the sample");
                    logger.log(Level::Info, "line");
                }
            });
        }
    });
    logger.log(Level::Emerg, "capped");
    assert!(logger.wants(Level::Info) && !logger.wants(Level::Debug));
    assert_eq!(receive(&receiver), "<4>capped\n");
    assert!(sink.finish(LONG).complete);
    drop((logger, writer));
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("the lines");
    // 600 lines are 100 rounds; the line that is capped is the first of a round, which is not sent.
    assert_eq!(text, "<6>line\n".repeat(300));
}

#[test]
fn finishing_does_not_wait_for_a_pipe_without_reads() {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let (said, notices) = channel();
    let say = move |notice: &Notice| drop(said.send(notice.clone()));
    let sink = Sink::start(SinkLimits { lines: 20_000, ..SinkLimits::default() }, say).expect("a sink");
    let logger = sink.logger(list(vec![target(Destination::Fd(writer.as_raw_fd()), Format::Raw)]));
    for _ in 0..10_000 {
        logger.log(Level::Info, "0123456789");
    }
    assert_eq!(sink.counts().len(), 1);
    let finished = sink.finish(LONG);
    assert_eq!((finished.complete, finished.waiting), (true, 0));
    let all: Vec<Notice> = notices.iter().collect();
    let (counts, lost) = (all.last().expect("a notice").counts, all.iter().map(|notice| notice.lines).sum());
    drop((logger, writer));
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("what it took");
    assert_eq!(text, "0123456789\n".repeat(counts.sent.try_into().expect("few")));
    assert_eq!((counts.sent + counts.lost(), counts.lost()), (10_000, lost));
    assert!(counts.not_taken > 0 && counts.failed == 0);
}

/// Returns a sink whose thread is blocked in a notice until the sender is dropped, and the logger whose loss it
/// reports.
fn stopped(limits: SinkLimits) -> (Sink, Logger, Sender<()>, Receiver<Notice>) {
    let (go, wait) = channel::<()>();
    let (said, notices) = channel();
    let say = move |notice: &Notice| {
        drop(said.send(notice.clone()));
        let _ = wait.recv();
    };
    let sink = Sink::start(limits, say).expect("a sink");
    // A descriptor that is not open.
    let logger = sink.logger(list(vec![target(Destination::Fd(987_654), Format::Raw)]));
    logger.log(Level::Info, "lost, and reported");
    assert_eq!(notices.recv().expect("a notice").counts.failed, 1);
    (sink, logger, go, notices)
}

#[test]
fn lines_without_room_are_counted_exactly() {
    let limits = SinkLimits { lines: 4, bytes: 1 << 20, report_interval: Duration::ZERO };
    let (sink, _closed, go, notices) = stopped(limits);
    // The thread is in the notice now, and takes nothing.
    let (receiver, destination) = udp();
    let logger = sink.logger(list(vec![target(destination.clone(), Format::Raw)]));
    for number in 0..10 {
        logger.log(Level::Info, number.to_string());
    }
    assert_eq!(sink.lost(), 1 + 6);
    drop(go);
    for number in 0..4 {
        assert_eq!(receive(&receiver), format!("{number}\n"));
    }
    let notice = notices.recv().expect("a notice");
    assert_eq!((notice.destination, notice.lines, notice.counts.unqueued), (destination, 6, 6));
    assert!(sink.finish(LONG).complete);
    logger.log(Level::Info, "too late, and counted");
}

#[test]
fn waiting_bytes_are_bounded_and_finishing_has_a_deadline() {
    let limits = SinkLimits { lines: 100, bytes: 4000, report_interval: Duration::ZERO };
    let (sink, closed, go, notices) = stopped(limits);
    for _ in 0..10 {
        closed.log(Level::Info, [b'x'; 1000]);
    }
    let waiting = 10 - (sink.lost() - 1);
    assert!((2..4).contains(&waiting), "{waiting} lines of 1000 bytes in 4000");
    let finished = sink.finish(Duration::from_millis(1));
    assert_eq!((finished.complete, finished.waiting as u64), (false, waiting));
    drop(go);
    // The thread goes on, sends nothing more, and reports the rest.
    let last = notices.iter().last().expect("the last notice");
    assert_eq!(last.counts.lost(), 11);
    assert_eq!(last.counts.failed, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_call_is_one_datagram_and_one_line(text: Vec<u8>, format in 0..Format::ALL.len()) {
        let (receiver, destination) = udp();
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let sink = Sink::start(SinkLimits::default(), silent).expect("a sink");
        let format = Format::ALL[format];
        let pipe = target(Destination::Fd(writer.as_raw_fd()), format);
        let logger = sink.logger(list(vec![target(destination, format), pipe]));
        logger.log(Level::Info, &text);
        logger.log(Level::Info, "end");
        prop_assert!(sink.finish(LONG).complete);
        drop((logger, writer));
        let mut written = Vec::new();
        reader.read_to_end(&mut written).expect("the lines");
        let lines = if text.is_empty() { 1 } else { 2 };
        prop_assert_eq!(written.iter().filter(|byte| **byte == b'\n').count(), lines);
        if lines == 2 {
            let got = receive(&receiver);
            prop_assert_eq!(got.find('\n'), Some(got.len() - 1));
        }
        prop_assert!(receive(&receiver).ends_with("end\n"));
    }
}
