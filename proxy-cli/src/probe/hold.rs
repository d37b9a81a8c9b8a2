//! `--hold`: keeps the connection and reports changes of its paths.

use std::time::{Duration, Instant};

use proto_core::info::{ConnectionInfo, Path, State};
use proto_core::stream::Stream;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant as TokioInstant, MissedTickBehavior, interval, sleep_until};

use super::arguments::Hold;
use super::json::Object;
use super::report::{millis, path_json, state};
use crate::process::Signals;
use crate::stdio;

/// How often the paths are polled: a process without privileges is not notified of changes.
const LOOK: Duration = Duration::from_millis(100);
/// Longer than any wait, and short enough for every clock.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 86400);

/// A change of a connection between two polls.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Up(Path),
    Down(Path),
    /// Another state or priority of a path.
    Changed(Path),
    State(State),
    Closed(Option<String>),
}

/// Keeps a connection, last seen as `seen`, until the time has passed, a signal comes or it is closed. Returns its last
/// state in which it still had paths.
pub(crate) async fn hold(
    stream: &mut dyn Stream,
    seen: ConnectionInfo,
    how: Hold,
    json: bool,
    signals: &mut Signals,
) -> anyhow::Result<ConnectionInfo> {
    let began = Instant::now();
    let end = match how {
        Hold::For(time) => time.min(FOREVER),
        Hold::UntilSignal => FOREVER,
    };
    let mut over = std::pin::pin!(sleep_until(TokioInstant::from_std(began + end)));
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut seen, mut waste) = (seen, vec![0; 64 << 10]);
    loop {
        let closed = tokio::select! {
            () = &mut over => return Ok(seen),
            _ = signals.next() => return Ok(seen),
            _ = looks.tick() => None,
            read = stream.read(&mut waste) => match read {
                Ok(0) => Some(Event::Closed(None)),
                Ok(_) => continue,
                Err(error) => Some(Event::Closed(Some(error.to_string()))),
            },
        };
        let tell = |event: &Event| stdio::out(&if json { event.json(began) } else { event.text(began) });
        if let Some(event) = closed {
            tell(&event)?;
            return Ok(seen);
        }
        let now = stream.info();
        changes(&seen, &now).iter().try_for_each(tell)?;
        seen = now;
    }
}

fn changes(before: &ConnectionInfo, now: &ConnectionInfo) -> Vec<Event> {
    // A number may be used again, for a path with other ports.
    let same = |one: &Path, other: &Path| {
        (one.id, &one.local, &one.remote) == (other.id, &other.local, &other.remote)
    };
    let find = |paths: &[Path], path: &Path| paths.iter().find(|other| same(path, other)).cloned();
    let mut events = Vec::new();
    let gone = before.paths.iter().filter(|path| find(&now.paths, path).is_none());
    events.extend(gone.cloned().map(Event::Down));
    for path in &now.paths {
        match find(&before.paths, path) {
            None => events.push(Event::Up(path.clone())),
            Some(old) if (old.state, old.backup) != (path.state, path.backup) => {
                events.push(Event::Changed(path.clone()));
            }
            Some(_) => {}
        }
    }
    if before.state != now.state {
        events.push(Event::State(now.state.clone()));
    }
    events
}

impl Event {
    fn word(&self) -> &'static str {
        match self {
            Event::Up(_) => "path-up",
            Event::Down(_) => "path-down",
            Event::Changed(_) => "path-changed",
            Event::State(_) => "state",
            Event::Closed(_) => "closed",
        }
    }

    fn text(&self, began: Instant) -> String {
        let what = match self {
            Event::Up(path) | Event::Down(path) | Event::Changed(path) => {
                let standing = if path.backup == Some(true) { ", backup" } else { "" };
                let rtt = path.rtt.map_or_else(String::new, |rtt| format!(", rtt {}", millis(rtt)));
                let (sent, received) = (path.bytes_sent, path.bytes_received);
                format!(
                    "{} {} -> {}, {}{standing}{rtt}, sent {sent}, received {received}",
                    path.id,
                    path.local,
                    path.remote,
                    state(path.state)
                )
            }
            Event::State(state) => state.name().to_owned(),
            Event::Closed(None) => "by the peer".to_owned(),
            Event::Closed(Some(error)) => error.clone(),
        };
        format!("{:>8.1}s {:<12} {what}", began.elapsed().as_secs_f64(), self.word())
    }

    fn json(&self, began: Instant) -> String {
        let object = Object::new().text("event", self.word()).raw("after_us", began.elapsed().as_micros());
        match self {
            Event::Up(path) | Event::Down(path) | Event::Changed(path) => object.raw("path", path_json(path)),
            Event::State(state) => object.text("state", state.name()),
            Event::Closed(Some(error)) => object.text("error", error),
            Event::Closed(None) => object.raw("error", "null"),
        }
        .close()
    }
}

#[cfg(test)]
mod tests {
    use proto_core::address::Address;
    use proto_core::info::{Degradation, PathState};

    use super::*;

    fn path(id: u32, port: u16, state: PathState) -> Path {
        Path {
            id,
            local: Address::Inet(([192, 0, 2, 1], port).into()),
            remote: Address::Inet(([192, 0, 2, 2], 80).into()),
            rtt: None,
            bytes_sent: 0,
            bytes_received: 0,
            retransmissions: 0,
            backup: None,
            state,
        }
    }

    fn connection(paths: &[Path]) -> ConnectionInfo {
        ConnectionInfo { paths: paths.to_vec(), ..ConnectionInfo::new("mptcpv4") }
    }

    #[test]
    fn paths_are_added_removed_changed_and_replaced() {
        use PathState::{Closing, Connecting, Established};
        let (old, new) = (path(1, 1000, Established), path(1, 2000, Established));
        let before = connection(&[path(0, 9, Established), old.clone(), path(2, 3, Connecting)]);
        let after = connection(&[path(0, 9, Closing), new.clone(), path(2, 3, Connecting)]);
        let expected = [Event::Down(old), Event::Changed(path(0, 9, Closing)), Event::Up(new)];
        assert_eq!(changes(&before, &after), expected);
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn bytes_are_no_change_and_a_state_is() {
        let before = connection(&[path(0, 9, PathState::Established)]);
        let mut after = before.clone();
        after.paths[0].bytes_sent = 5;
        assert_eq!(changes(&before, &after), []);
        after.state = State::Degraded(Degradation::NoPath);
        assert_eq!(changes(&before, &after), [Event::State(after.state.clone())]);
    }
}
