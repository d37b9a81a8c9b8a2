//! The question to an agent, and its answer: one line of words about the server.
//!
//! ```text
//!  up 75% maxconn:30 # all is well
//!  │  │   │            └─ a description, for people
//!  │  │   └─ the limit of connections
//!  │  └─ the weight, in percent of that of the configuration; weight:N sets it
//!  └─ the health: up, down, fail or stopped. Beside it the mode: ready, drain or maint
//! ```
//!
//! Words may come in any order, in either case, separated by spaces, tabs and commas; of two words of the same kind the
//! last one counts. A mode takes effect even without a health.

use crate::result::CheckResult;
use crate::rules::{Custom, Expect, Pattern, RuleList, Ruleset, RulesetKind, Send};
use crate::state::Tally;
use crate::status::Status;

/// The mode that an agent sets, as a person could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentMode {
    /// The server is used.
    Ready,
    /// The server gets no new clients.
    Drain,
    /// The server is in maintenance.
    Maintenance,
}

/// The weight that an agent sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentWeight {
    /// In percent of that of the configuration; at most 25600.
    Percent(u32),
    /// The weight itself; at most 256.
    Absolute(u16),
}

/// The health of a server as an agent tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentHealth {
    /// Whether the server is up.
    pub up: bool,
    /// The word that the agent has used.
    word: String,
}

/// The answer of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentReply {
    /// The mode to set.
    pub mode: Option<AgentMode>,
    /// The weight to set, or what is wrong with it.
    pub weight: Option<Result<AgentWeight, &'static str>>,
    /// The limit of connections to set, 0 for none, or what is wrong with it.
    pub maxconn: Option<Result<u32, &'static str>>,
    /// The health.
    pub health: Option<AgentHealth>,
    /// What the agent says about it.
    description: String,
    /// The first word that means nothing.
    unknown: Option<String>,
}

/// Returns what a check of an agent does. The agent answers at once, or after a text.
pub fn question(text: Option<&str>) -> Ruleset {
    let text = Send::Bytes(text.unwrap_or_default().as_bytes().into());
    let answer = Expect::new(Pattern::Custom(answer));
    RuleList::default().send(text).expect(answer).into_ruleset(RulesetKind::Agent)
}

/// Ends the check when the line is complete. Its result is that of the [`AgentReply`].
fn answer(bytes: &[u8], is_final: bool) -> Custom {
    match (line(bytes), is_final) {
        (Some(_), _) => Custom::Ended(Status::Checked, Vec::new()),
        // HAProxy repeats the last result, or has a timeout.
        (None, true) => Custom::Ended(Status::Layer7Invalid, b"Ignoring incomplete line from agent".to_vec()),
        (None, false) => Custom::Wait,
    }
}

/// Returns the line, without its end; `None` if it is not complete.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| matches!(byte, 0 | b'\r' | b'\n'))?;
    (bytes[end] != 0).then(|| &bytes[..end])
}

impl AgentReply {
    /// Reads the line in a response; `None` if it is not complete.
    pub fn parse(response: &[u8]) -> Option<AgentReply> {
        let line = String::from_utf8_lossy(line(response)?);
        let mut reply = AgentReply::default();
        let mut rest = &*line;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if let Some(description) = rest.strip_prefix('#') {
                description.trim_start_matches([' ', '\t']).clone_into(&mut reply.description);
                return Some(reply);
            }
            let end = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if word.is_empty() {
                return Some(reply);
            }
            reply.word(word);
            rest = after;
        }
    }

    fn word(&mut self, word: &str) {
        let lower = word.to_ascii_lowercase();
        match &*lower {
            "up" => self.health = Some(AgentHealth { up: true, word: word.to_owned() }),
            "down" | "stopped" | "fail" => {
                self.health = Some(AgentHealth { up: false, word: word.to_owned() });
            }
            "ready" => self.mode = Some(AgentMode::Ready),
            "drain" => self.mode = Some(AgentMode::Drain),
            "maint" => self.mode = Some(AgentMode::Maintenance),
            lower if lower.starts_with(|c: char| c.is_ascii_digit()) && lower.contains('%') => {
                self.weight = Some(weight(lower));
            }
            lower => match (lower.strip_prefix("maxconn:"), lower.strip_prefix("weight:")) {
                (Some(number), _) => self.maxconn = Some(maxconn(number)),
                (None, Some(text)) => self.weight = Some(weight(text)),
                (None, None) => {
                    self.unknown.get_or_insert_with(|| word.to_owned());
                }
            },
        }
    }

    /// Sets the tally of the agent check: what an agent says counts at once.
    pub fn apply(&self, tally: &mut Tally) {
        match &self.health {
            Some(health) if health.up => tally.fill(),
            Some(_) => tally.empty(),
            None => {}
        }
    }

    /// Returns the result of the check. `refused` is what was wrong with carrying out the answer, such as a weight that
    /// the backend does not support.
    pub fn result(&self, refused: Option<&str>) -> CheckResult {
        let weight = self.weight.and_then(Result::err);
        let maxconn = self.maxconn.and_then(Result::err);
        let warning = weight.or(refused).or(maxconn);
        let Some(AgentHealth { up, word }) = &self.health else {
            let text = match (&self.unknown, warning) {
                (Some(word), _) => format!("agent reports an error : {word}"),
                (None, Some(warning)) => format!("agent warns : {warning}"),
                (None, None) => String::new(),
            };
            return CheckResult::new(Status::Checked).with_info(text.as_bytes());
        };
        // What an agent says about a server that is down matters more than what is wrong with the rest.
        let odd = self.unknown.as_deref().or(warning).filter(|_| *up || self.description.is_empty());
        let text = match odd.unwrap_or(&self.description) {
            "" => format!("via agent : {word}"),
            said => format!("via agent : {word} ({said})"),
        };
        let status = if *up { Status::Layer7Ok } else { Status::Layer7Status };
        CheckResult::new(status).with_info(text.as_bytes())
    }
}

/// The most percent: a hundred times the largest weight.
const MOST_PERCENT: u32 = 25_600;
/// The largest weight.
const MOST_WEIGHT: u16 = 256;

/// Reads a weight: `75%` or `30`.
fn weight(text: &str) -> Result<AgentWeight, &'static str> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    if digits.is_empty() {
        return Err("Empty weight string empty or preceded by garbage");
    }
    // What does not fit is larger than any weight.
    let number = digits.parse::<u32>().unwrap_or(u32::MAX);
    match (after, u16::try_from(number)) {
        ("%", _) => Ok(AgentWeight::Percent(number.min(MOST_PERCENT))),
        (_, Ok(number)) if number > MOST_WEIGHT => Err(TOO_HEAVY),
        (_, Err(_)) => Err(TOO_HEAVY),
        ("", Ok(number)) => Ok(AgentWeight::Absolute(number)),
        (_, Ok(_)) => Err("Trailing garbage in weight string"),
    }
}

const TOO_HEAVY: &str = "Absolute weight can only be between 0 and 256 inclusive.";

/// Reads a limit of connections.
fn maxconn(text: &str) -> Result<u32, &'static str> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text.split_at(end) {
        ("", _) => Err("maxconn string empty or preceded by garbage"),
        (digits, "") => Ok(digits.parse().unwrap_or(u32::MAX)),
        _ => Err("Trailing garbage in maxconn string"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> AgentReply {
        AgentReply::parse(line.as_bytes()).unwrap()
    }

    /// Each text was also seen in a log line of HAProxy 3.5-dev5, where warnings end with a line feed.
    #[test]
    fn results() {
        let (up, down, none) = (Status::Layer7Ok, Status::Layer7Status, Status::Checked);
        for (line, status, info) in [
            ("up\n", up, "via agent : up"),
            ("up # all good\n", up, "via agent : up (all good)"),
            ("down, 50% #bad thing\r\n", down, "via agent : down (bad thing)"),
            ("Stopped\n", down, "via agent : Stopped"),
            ("FAIL #  x y\n", down, "via agent : FAIL (x y)"),
            ("FAIL#x\n", none, "agent reports an error : FAIL#x"),
            ("hello\n", none, "agent reports an error : hello"),
            ("hello up # desc\n", up, "via agent : up (hello)"),
            ("hello down # desc\n", down, "via agent : down (desc)"),
            ("down odd odder\n", down, "via agent : down (odd)"),
            ("300%% up\n", up, "via agent : up (Absolute weight can only be between 0 and 256 inclusive.)"),
            ("12%x\n", none, "agent warns : Trailing garbage in weight string"),
            ("maxconn:x up\n", up, "via agent : up (maxconn string empty or preceded by garbage)"),
            ("drain up\n", up, "via agent : up"),
            ("maint\n", none, ""),
            ("\n", none, ""),
        ] {
            let result = parsed(line).result(None);
            assert_eq!((result.status, &*String::from_utf8_lossy(&result.info)), (status, info), "{line}");
        }
        let refused = parsed("50% up\n").result(Some("static weights"));
        assert_eq!(&*refused.info, b"via agent : up (static weights)");
    }

    #[test]
    fn what_is_set() {
        let reply = parsed("drain,maint READY 75% weight:20 maxconn:30 Up down\tfail up\n");
        assert_eq!(reply.mode, Some(AgentMode::Ready));
        assert_eq!(reply.weight, Some(Ok(AgentWeight::Absolute(20))));
        assert_eq!(reply.maxconn, Some(Ok(30)));
        assert!(reply.health.is_some_and(|health| health.up));
        let weight = |line| parsed(line).weight.unwrap();
        assert_eq!(weight("75%\n"), Ok(AgentWeight::Percent(75)));
        assert_eq!(weight("99999999999%\n"), Ok(AgentWeight::Percent(25_600)));
        assert_eq!(weight("weight:50%\n"), Ok(AgentWeight::Percent(50)));
        assert!(weight("weight:257\n").is_err() && weight("weight:99999999999\n").is_err());
        assert!(
            weight("weight:\n").is_err() && weight("weight:-1\n").is_err() && weight("weight:1x\n").is_err()
        );
        assert!(parsed("maxconn:1x\n").maxconn.unwrap().is_err());
    }

    #[test]
    fn a_line_without_an_end_is_no_answer() {
        for response in [&b""[..], b"up", b"up\0\n"] {
            assert_eq!(AgentReply::parse(response), None);
        }
        assert!(AgentReply::parse(b"\xff\xfe up\r").is_some());
    }

    #[test]
    fn the_tally_follows_at_once() {
        let mut tally = Tally::new(2, 3);
        parsed("down\n").apply(&mut tally);
        assert!(tally.is_empty());
        parsed("drain\n").apply(&mut tally);
        assert!(tally.is_empty());
        parsed("up\n").apply(&mut tally);
        assert!(tally.is_full());
    }
}
