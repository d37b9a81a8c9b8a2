//! Errors of ordinary traffic (`observe`): after enough of them in a row the server is treated as if checks had failed.

use super::checks::Tracked;
use crate::result::CheckResult;
use crate::status::Status;

/// The layer whose errors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedLayer {
    /// Connections that are established, or not.
    Layer4,
    /// Those, and responses of HTTP.
    Layer7,
}

/// What happens after too many errors (`on-error`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The next check comes sooner.
    FastInter,
    /// That, and one check counts as failed.
    #[default]
    FailCheck,
    /// That, and at most one more may fail.
    SuddenDeath,
    /// That, and the server is down.
    MarkDown,
}

impl OnError {
    /// The reactions, with their names.
    pub const NAMES: [(&'static str, OnError); 4] = [
        ("fastinter", OnError::FastInter),
        ("fail-check", OnError::FailCheck),
        ("sudden-death", OnError::SuddenDeath),
        ("mark-down", OnError::MarkDown),
    ];
}

/// An event of ordinary traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedEvent {
    /// A connection was established.
    Connected,
    /// No connection could be established.
    ConnectFailed,
    /// A response whose status is no failure.
    ResponseOk,
    /// A response whose status is a failure.
    ResponseStatus,
    /// The head of a response is invalid.
    ResponseHead,
    /// The body of a response is invalid.
    ResponseBody,
    /// Reading a response failed.
    ReadFailed,
    /// A response did not come in time.
    ReadTimeout,
    /// The server closed the connection before its response.
    Closed,
}

impl ObservedEvent {
    /// All events.
    pub const ALL: [ObservedEvent; 9] = [
        ObservedEvent::Connected,
        ObservedEvent::ConnectFailed,
        ObservedEvent::ResponseOk,
        ObservedEvent::ResponseStatus,
        ObservedEvent::ResponseHead,
        ObservedEvent::ResponseBody,
        ObservedEvent::ReadFailed,
        ObservedEvent::ReadTimeout,
        ObservedEvent::Closed,
    ];

    /// Returns the text in log lines.
    pub fn text(self) -> &'static str {
        match self {
            ObservedEvent::Connected => "L4 successful connection",
            ObservedEvent::ConnectFailed => "L4 unsuccessful connection",
            ObservedEvent::ResponseOk => "Correct http response",
            ObservedEvent::ResponseStatus => "Wrong http response",
            ObservedEvent::ResponseHead => "Invalid http response (headers)",
            ObservedEvent::ResponseBody => "Invalid http response",
            ObservedEvent::ReadFailed => "Read error (http)",
            ObservedEvent::ReadTimeout => "Read timeout (http)",
            ObservedEvent::Closed => "Close from server (http)",
        }
    }

    /// Returns whether it is an error, or the opposite of one; `None` if it does not count on this layer.
    fn is_error(self, layer: ObservedLayer) -> Option<bool> {
        match (self, layer) {
            (ObservedEvent::ConnectFailed, _) => Some(true),
            (ObservedEvent::Connected, ObservedLayer::Layer4) => Some(false),
            (ObservedEvent::Connected, ObservedLayer::Layer7) | (_, ObservedLayer::Layer4) => None,
            (event, ObservedLayer::Layer7) => Some(event != ObservedEvent::ResponseOk),
        }
    }
}

/// The count of errors in a row, and the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observer {
    /// The layer whose errors count.
    pub layer: ObservedLayer,
    /// What happens after too many.
    pub on_error: OnError,
    /// How many are too many; at least 1 (`error-limit`).
    pub limit: u32,
    errors: u32,
}

impl Observer {
    /// The default limit.
    pub const LIMIT: u32 = 10;

    /// Creates an observer that has seen nothing. A limit of 0 counts as 1.
    pub fn new(layer: ObservedLayer, on_error: OnError, limit: u32) -> Observer {
        Observer { layer, on_error, limit: limit.max(1), errors: 0 }
    }

    /// Counts an event. Once there are too many errors, it returns the result to record for the health check, if one
    /// counts as failed, and the count begins again; the next check is then due after the fast interval.
    pub fn observe(&mut self, event: ObservedEvent, check: &mut Tracked) -> Option<Exceeded> {
        if !event.is_error(self.layer)? {
            self.errors = 0;
            return None;
        }
        self.errors = self.errors.saturating_add(1);
        if self.errors < self.limit {
            return None;
        }
        let text = format!("Detected {} consecutive errors, last one was: {}", self.errors, event.text());
        self.errors = 0;
        match self.on_error {
            OnError::FastInter => return Some(Exceeded { result: None }),
            OnError::FailCheck => {}
            OnError::SuddenDeath => check.tally.leave_one(),
            OnError::MarkDown => check.tally.set_barely_up(),
        }
        Some(Exceeded { result: Some(CheckResult::new(Status::Observed).with_info(text.as_bytes())) })
    }

    /// Forgets the errors so far: a check has passed.
    pub fn clear(&mut self) {
        self.errors = 0;
    }
}

/// There were too many errors: the next check comes sooner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// A result to record for the health check.
    pub result: Option<CheckResult>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::checks::CheckState;
    use crate::state::tally::Tally;

    /// Lets errors exceed the limit, and returns whether the tally of a healthy server is up after that many rounds.
    fn rounds_until_down(on_error: OnError) -> Option<u32> {
        let mut check = Tracked::new(Tally::new(2, 4), CheckState::ENABLED);
        check.tally.fill();
        let mut observer = Observer::new(ObservedLayer::Layer4, on_error, 1);
        for round in 1..=6 {
            let exceeded = observer.observe(ObservedEvent::ConnectFailed, &mut check)?;
            if exceeded.result.is_some() {
                check.tally.fail();
            }
            if !check.tally.is_up() {
                return Some(round);
            }
        }
        None
    }

    #[test]
    fn each_reaction_needs_its_number_of_rounds() {
        let rounds = OnError::NAMES.map(|(_, on_error)| rounds_until_down(on_error));
        assert_eq!(rounds, [None, Some(4), Some(2), Some(1)]);
    }

    #[test]
    fn errors_count_in_a_row() {
        let mut check = Tracked::new(Tally::default(), CheckState::ENABLED);
        let mut observer = Observer::new(ObservedLayer::Layer7, OnError::FailCheck, 2);
        let mut observe = |event| observer.observe(event, &mut check);
        assert_eq!(observe(ObservedEvent::ResponseStatus), None);
        assert_eq!(observe(ObservedEvent::ResponseOk), None, "the row has ended");
        assert_eq!(observe(ObservedEvent::ReadTimeout), None);
        assert_eq!(observe(ObservedEvent::Connected), None, "it does not count");
        let result = observe(ObservedEvent::Closed).and_then(|exceeded| exceeded.result).unwrap();
        assert_eq!(&*result.info, b"Detected 2 consecutive errors, last one was: Close from server (http)");
        assert_eq!((result.status, result.duration), (Status::Observed, None));
        assert_eq!(observe(ObservedEvent::Closed), None, "the count began again");
        observer.clear();
        assert_eq!(observer.observe(ObservedEvent::Closed, &mut check), None);
    }

    #[test]
    fn layer4_sees_connections_only() {
        let counting = |layer| {
            let events = ObservedEvent::ALL.into_iter();
            events.filter(|event| event.is_error(layer).is_some()).count()
        };
        assert_eq!((counting(ObservedLayer::Layer4), counting(ObservedLayer::Layer7)), (2, 8));
    }
}
