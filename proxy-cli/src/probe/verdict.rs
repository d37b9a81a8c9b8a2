//! Whether a connection is as requested, by its own state. What more can be found out about a transport is in a module
//! of its own, which makes a verdict, too.

use proto_core::info::{ConnectionInfo, Degradation, State};

/// The result of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the connection is as requested.
    pub(crate) as_asked: bool,
    /// The reason in one word, for programs.
    pub(crate) word: &'static str,
    /// The reason in a sentence, for people.
    pub(crate) why: String,
    /// Something else that people should know.
    pub(crate) note: Option<String>,
    /// Members of the JSON object for this question only: names, and values that are JSON.
    pub(crate) members: Vec<(&'static str, String)>,
}

impl Verdict {
    /// Returns the verdict by the state of a connection.
    pub(crate) fn of(info: &ConnectionInfo) -> Verdict {
        let carriers = info.carriers();
        let why = match &info.state {
            State::Native => format!("connected by {carriers}"),
            State::Fallback(reason) => format!("{carriers} fell back: {}", reason.as_str()),
            State::Degraded(Degradation::NoPath) => format!("{carriers} has no path now"),
        };
        let as_asked = info.state == State::Native;
        Verdict { as_asked, word: info.state.name(), why, note: None, members: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use proto_core::info::FallbackReason;

    use super::*;

    #[test]
    fn a_connection_that_fell_back_or_is_degraded_is_not_as_requested() {
        let verdict = |state| {
            let layers = vec!["lz"];
            Verdict::of(&ConnectionInfo { state, layers, ..ConnectionInfo::new("stub4") })
        };
        let native = verdict(State::Native);
        assert!(native.as_asked && native.why == "connected by lz over stub4", "{native:?}");
        let fallback = verdict(State::Fallback(FallbackReason::Peer));
        assert!(!fallback.as_asked && fallback.word == "fallback:peer", "{fallback:?}");
        assert!(fallback.why.starts_with("lz over stub4 fell back: the peer"), "{fallback:?}");
        assert!(!verdict(State::Degraded(Degradation::NoPath)).as_asked);
    }
}
