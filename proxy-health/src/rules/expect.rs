//! `tcp-check expect` and `http-check expect`: waits for a response, and compares it.

use proxy_config::{Line, Parsed, mistake};
use proxy_rules::{Expression, HookPoint, Points, Text};

use super::note::{Code, Note};
use super::pattern::{self, Pattern};
use super::read::{Read, format, text_of};
use crate::status::Status;

/// An expectation.
#[derive(Debug)]
pub struct Expect {
    /// What the response is compared with.
    pub pattern: Pattern,
    /// Whether the response must not match.
    pub inverse: bool,
    /// The number of bytes to wait for before the response is compared for good. Without it, a response that does not
    /// match is compared again when more of it arrives.
    pub least: Option<usize>,
    /// The status if it matches, if it is the last one.
    pub ok_status: Option<Status>,
    /// The status if it does not match.
    pub error_status: Option<Status>,
    /// The status if it does not arrive in time.
    pub timeout_status: Option<Status>,
    /// A text if it matches.
    pub on_success: Option<Note>,
    /// A text if it does not match.
    pub on_error: Option<Note>,
    /// The code of the result.
    pub code: Option<Code>,
}

impl Expect {
    /// Creates an expectation without settings of its own.
    pub fn new(pattern: Pattern) -> Expect {
        Expect {
            pattern,
            inverse: false,
            least: None,
            ok_status: None,
            error_status: None,
            timeout_status: None,
            on_success: None,
            on_error: None,
            code: None,
        }
    }
}

const OK: [Status; 4] = [Status::Layer7Ok, Status::Layer7Conditional, Status::Layer6Ok, Status::Layer4Ok];
const FAILED: [Status; 5] = [
    Status::Layer7Invalid,
    Status::Layer7Status,
    Status::Layer7Conditional,
    Status::Layer6Invalid,
    Status::Layer4Failed,
];
const TIMEOUT: [Status; 3] = [Status::Layer7Timeout, Status::Layer6Timeout, Status::Layer4Timeout];

const OPTIONS: &str =
    "min-recv, comment, on-success, on-error, ok-status, error-status, tout-status, status-code";

/// Reads the words after `expect`.
pub(super) fn read(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed<Read<Expect>> {
    let (mut expect, mut pattern, mut comment) = (Expect::new(Pattern::Text(Box::default())), None, None);
    while let Some(word) = line.args.take() {
        let name = word.trim_start_matches('!');
        let signs = word.len() - name.len();
        let (name, span) = match (signs, name) {
            (0, name) => (name, word.span),
            (_, "") => {
                let next = line.args.word("a pattern")?;
                (&*next.text, next.span)
            }
            (_, name) => (name, word.part(signs, word.len())),
        };
        if pattern::words(hook).contains(&name) {
            if pattern.is_some() {
                return Err(mistake(span, format!("'{name}' is a second pattern; there is one in a line")));
            }
            expect.inverse = signs % 2 == 1;
            line.args.after(name);
            pattern = Some(pattern::read(line, name)?);
            continue;
        }
        if signs > 0 {
            let problem = mistake(span, format!("'{name}' cannot be negated"));
            return Err(Box::new(problem.expected(format!("one of {}", pattern::words(hook).join(", ")))));
        }
        line.args.after(name);
        match name {
            "min-recv" => {
                let least = line.args.number(-1..=i32::MAX, "how many bytes to wait for, or -1")?;
                expect.least = usize::try_from(least).ok();
            }
            "comment" => comment = Some(text_of(line, "a comment")?),
            "on-success" => expect.on_success = Some(Note::Format(format(line, "a text")?)),
            "on-error" => expect.on_error = Some(Note::Format(format(line, "a text")?)),
            "ok-status" => expect.ok_status = Some(status(line, &OK)?),
            "error-status" => expect.error_status = Some(status(line, &FAILED)?),
            "tout-status" => expect.timeout_status = Some(status(line, &TIMEOUT)?),
            "status-code" => {
                let word = line.args.word("an expression")?;
                let expression = Expression::parse(Text::of(word), Points::CHECK, line.surroundings)?;
                expect.code = Some(Code::Expression(expression));
            }
            _ => {
                let problem = mistake(span, format!("unknown argument '{name}' of '{hook} expect'"));
                let words = pattern::words(hook).join(", ");
                return Err(Box::new(problem.expected(format!("one of {words}, {OPTIONS}"))));
            }
        }
    }
    match pattern {
        Some(pattern) => Ok(Read { value: Expect { pattern, ..expect }, comment }),
        None => {
            let problem = mistake(line.args.last().after(), format!("'{hook} expect' without a pattern"));
            Err(Box::new(problem.expected(format!("one of {}", pattern::words(hook).join(", ")))))
        }
    }
}

/// Reads one of some statuses, in either case.
fn status(line: &mut Line<'_, '_>, choices: &[Status]) -> Parsed<Status> {
    let names: Vec<&str> = choices.iter().map(|status| status.name()).collect();
    let expected = format!("one of {}", names.join(", "));
    let word = line.args.word(&expected)?;
    let found = choices.iter().find(|status| status.name().eq_ignore_ascii_case(word));
    found.copied().ok_or_else(|| line.args.bad(word, expected))
}
