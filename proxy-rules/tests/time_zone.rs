//! Dates use the time zone in which the process was started.
#![allow(clippy::print_stdout, reason = "a child shows what it found")]

use std::process::Command;
use std::time::{Duration, SystemTime};

use proxy_rules::date::Date;

/// Runs as a child in another time zone; in the suite it only prints its own.
#[test]
fn child_shows_its_time_zone() {
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(12 * 3600);
    let mut text = b"shown: ".to_vec();
    Date::local(noon).log_with_zone(&mut text);
    println!("{}", String::from_utf8(text).expect("a date"));
    assert_eq!(Date::utc(noon).hour, 12);
}

#[test]
fn dates_are_in_the_zone_of_the_machine() {
    for (zone, shown) in [
        ("UTC", "01/Jan/1970:12:00:00 +0000"),
        ("<+0530>-5:30", "01/Jan/1970:17:30:00 +0530"),
        ("<-0330>3:30", "01/Jan/1970:08:30:00 -0330"),
    ] {
        let output = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "child_shows_its_time_zone", "--nocapture"])
            .env("TZ", zone)
            .output()
            .expect("a child");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(&format!("shown: {shown}")), "{zone}: {text}");
    }
}
