//! What can be found out about MPTCP beyond the state of a connection: whether the path carries it, and what stops it.
//!
//! `finding`: the reasons. `observed`: the kernel's counters and settings.

mod finding;
mod observed;

use std::time::{Duration, Instant};

use proto_core::address::AddressSpec;
use proto_core::info::{ConnectionInfo, State};
use proto_core::stream::Stream;
use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use self::finding::{Evidence, Finding};
use self::observed::Counters;
use super::verdict::Verdict;

/// The default prefix.
pub(super) const PREFIX: &str = "mptcp@";
/// The prefixes that this question applies to.
const PREFIXES: [&str; 3] = [PREFIX, "mptcp4@", "mptcp6@"];

/// The longest wait for the first acknowledgement of data: some round trips of any network.
const PROOF: Duration = Duration::from_millis(1500);
/// How long each attempt waits before it ends its sending direction. There are several, each on a connection of its
/// own: an end that follows the handshake at once is now and then lost in a busy kernel and not sent again (Linux 6.18,
/// on loopback too), which looks as if a middlebox had stripped the option.
pub(super) const PAUSES: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(200)];
/// How often to look for it: the kernel sends no notification.
const LOOK: Duration = Duration::from_millis(5);

/// The kernel's counters before a connection, to find out why it is MPTCP or not.
pub(super) struct Question(Counters);

impl Question {
    /// Reads the counters, if an address is about MPTCP. To be called before anything is connected.
    pub(super) fn about(spec: &AddressSpec) -> Option<Question> {
        is_meant(spec).then(|| Question(Counters::read()))
    }

    /// Returns the verdict. `warnings` are those of the protocol about this machine, `sent` is whether this end has
    /// sent data, or the end of its direction.
    pub(super) fn judge(&self, info: &ConnectionInfo, warnings: &[String], sent: bool) -> Verdict {
        let happened = Counters::read().since(&self.0);
        let finding = Evidence { info, happened, warnings, sent }.judge();
        let pause = matches!(finding, Finding::BlackHole | Finding::Paused).then(observed::pause).flatten();
        let seconds = pause.map(|pause| pause.as_secs());
        Verdict {
            as_asked: finding.is_yes(),
            word: finding.word(),
            why: finding.why(),
            note: seconds.map(|seconds| {
                format!(
                    "this host does not try MPTCP to any address for {seconds} s (net.mptcp.blackhole_timeout; more each \
                     time), or until that setting is written again"
                )
            }),
            members: vec![
                ("mptcp", finding.is_yes().to_string()),
                ("pause_s", seconds.map_or_else(|| "null".to_owned(), |seconds| seconds.to_string())),
            ],
        }
    }
}

/// Returns the members of the JSON object if there is no connection to judge.
pub(super) fn unanswered(spec: &AddressSpec) -> Vec<(&'static str, String)> {
    if is_meant(spec) { vec![("mptcp", "null".to_owned())] } else { Vec::new() }
}

fn is_meant(spec: &AddressSpec) -> bool {
    spec.prefix.is_some_and(|prefix| PREFIXES.contains(&prefix.text))
}

/// Ends the sending direction and waits until the peer has acknowledged that, with MPTCP or without. Returns whether it
/// has.
pub(super) async fn prove(stream: &mut dyn Stream, info: &mut ConnectionInfo, end: Instant) -> bool {
    let end = end.min(Instant::now() + PROOF);
    if stream.shutdown().await.is_err() {
        return false;
    }
    loop {
        // The paths are being closed now; their last state is in `info`.
        let now = stream.info();
        (info.state, info.path_limit, info.extra) = (now.state, now.path_limit, now.extra);
        let plain = matches!(info.state, State::Fallback(_));
        let answered = plain || finding::proven(info, true) != Some(false);
        if answered || Instant::now() >= end {
            return answered;
        }
        sleep(LOOK).await;
    }
}
