//! A line of `tcp-check` or `http-check`.

use proto_core::words::nearest;
use proxy_config::{Line, Parsed, mistake};
use proxy_rules::{HookPoint, read_action};

use super::read::text_of;
use super::{Rule, RuleKind, connect, expect, request, send};

const SENDING: [&str; 4] = ["send", "send-lf", "send-binary", "send-binary-lf"];
const ACTIONS: [&str; 3] = ["set-var", "set-var-fmt", "unset-var"];

/// Returns the words that a line may begin with.
fn words(hook: HookPoint) -> Vec<&'static str> {
    let sending = if hook == HookPoint::HttpCheck { &SENDING[..1] } else { &SENDING[..] };
    let first = ["connect", "expect", "comment"];
    first.iter().chain(sending).chain(&ACTIONS).copied().collect()
}

/// Reads a line after its first word.
///
/// # Errors
/// Returns an error if it is not a step of such a check.
pub(crate) fn read_line(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed<Rule> {
    let words = words(hook);
    let expected = format!("one of {}", words.join(", "));
    let first = match line.args.peek() {
        Some(first) => first,
        None => line.args.word(&expected)?,
    };
    let name = first.split_once('(').map_or(&*first.text, |(name, _)| name);
    let span = first.span;
    if ACTIONS.contains(&name) {
        let action = read_action(line, hook)?;
        line.args.end()?;
        return Ok(Rule::of_line(RuleKind::Act(action), None, span));
    }
    line.args.take();
    line.args.after(&first.text);
    let (kind, comment) = match (&*first.text, hook) {
        ("connect", _) => {
            let read = connect::read(line, hook)?;
            (RuleKind::Connect(Box::new(read.value)), read.comment)
        }
        ("expect", _) => {
            let read = expect::read(line, hook)?;
            (RuleKind::Expect(Box::new(read.value)), read.comment)
        }
        ("comment", _) => {
            let comment = text_of(line, "a comment")?;
            line.args.end()?;
            (RuleKind::Comment, Some(comment))
        }
        ("send", HookPoint::HttpCheck) => {
            let read = request::read(line)?;
            (RuleKind::Send(Box::new(send::Send::Http(read.value))), read.comment)
        }
        (keyword, HookPoint::TcpCheck) if SENDING.contains(&keyword) => {
            let read = send::read(line, keyword)?;
            (RuleKind::Send(Box::new(read.value)), read.comment)
        }
        (other, _) => {
            let problem = mistake(first.span, format!("unknown step '{other}' of '{hook}'"));
            let near = nearest(other, words.iter().copied());
            return Err(Box::new(problem.expected(expected).nearest(near)));
        }
    };
    Ok(Rule::of_line(kind, comment, span))
}
