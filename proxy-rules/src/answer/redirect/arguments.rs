//! The arguments of a redirection, in any order, up to the condition.

use proto_core::words::nearest;
use proxy_config::{Line, Parsed, Word, mistake};

use super::{Cookie, Destination, Redirect, Value};
use crate::expression::last_of;
use crate::format::Format;
use crate::points::Points;
use crate::text::Text;

const WORDS: [&str; 11] = [
    "location",
    "prefix",
    "scheme",
    "code",
    "drop-query",
    "keep-query",
    "append-slash",
    "ignore-empty",
    "set-cookie",
    "set-cookie-fmt",
    "clear-cookie",
];

const KEPT: &[u8] = b"; path=/;";
const CLEARED: &[u8] = b"; path=/; Max-Age=0;";

/// How a redirection is read.
pub(crate) struct Rules {
    /// When the redirection is evaluated.
    pub(crate) points: Points,
    /// Whether the destination is a format.
    pub(crate) formats: bool,
    /// Whether it replies to a request rather than replacing a response.
    pub(crate) on_request: bool,
}

impl Redirect {
    /// Reads a redirection. The rest of the line is its condition.
    ///
    /// # Errors
    /// Returns the last of the mistakes; the others are reported directly.
    pub(crate) fn parse(line: &mut Line<'_, '_>, rules: &Rules) -> Parsed<Redirect> {
        let mut words = Words { code: 302, ..Words::default() };
        let mut problems = Vec::new();
        while let Some(word) = line.args.take_if(|word| !is_condition(word)) {
            let mut kind = &*word.text;
            if !WORDS.contains(&kind) {
                let problem = mistake(word.span, format!("unknown word '{kind}' of a redirection"));
                let problem = problem.expected(format!("one of {}, or a condition", WORDS.join(", ")));
                let near = nearest(kind, WORDS);
                problems.push(Box::new(problem.nearest(near)));
                // A mistyped word is read as the one that was meant; what belongs to another one is not known.
                let Some(near) = near else {
                    let is_ours = |word: &Word| WORDS.contains(&&*word.text) || is_condition(word);
                    while line.args.take_if(|word| !is_ours(word)).is_some() {}
                    continue;
                };
                kind = near;
            }
            problems.extend(words.read(kind, word, line, rules).err());
        }
        let Words { to, cookie, code, drop_query, keep_query, append_slash, ignore_empty } = words;
        if let Some(problem) = last_of(problems, line.surroundings) {
            return Err(problem);
        }
        let to = to.ok_or_else(|| {
            let problem = mistake(line.args.last().after(), "a redirection without a destination");
            Box::new(problem.expected("location, prefix or scheme"))
        })?;
        // A text that is not a format is never found empty, and a query or path in front is no reason to skip it.
        let ignore_empty = ignore_empty && rules.formats && matches!(to, Destination::Location(_));
        Ok(Redirect { code, to, drop_query, keep_query, append_slash, ignore_empty, cookie })
    }
}

/// The arguments that were read so far.
#[derive(Default)]
struct Words {
    to: Option<Destination>,
    cookie: Option<Cookie>,
    code: u16,
    drop_query: bool,
    keep_query: bool,
    append_slash: bool,
    ignore_empty: bool,
}

impl Words {
    /// Reads what belongs to a keyword.
    fn read(&mut self, kind: &str, word: &Word, line: &mut Line<'_, '_>, rules: &Rules) -> Parsed {
        match kind {
            "location" | "prefix" | "scheme" => {
                let destination = line.args.word(what(kind))?;
                if kind != "location" && !rules.on_request {
                    let problem =
                        mistake(word.span, format!("'{kind}' is not allowed in a rule for responses"));
                    return Err(Box::new(problem.help("use 'location'")));
                }
                // `/` alone is a prefix that adds nothing, so that a client can be redirected to the same path.
                let nothing = kind == "prefix" && destination.text == "/";
                let value = if nothing {
                    Value::Text(Vec::new())
                } else {
                    value(destination, rules.formats, rules, line)?
                };
                self.to = Some(match kind {
                    "location" => Destination::Location(value),
                    "prefix" => Destination::Prefix(value),
                    _ => Destination::Scheme(value),
                });
            }
            "code" => {
                let word = line.args.word("a code")?;
                self.code = match &*word.text {
                    "301" => 301,
                    "302" => 302,
                    "303" => 303,
                    "307" => 307,
                    "308" => 308,
                    _ => return Err(line.args.bad(word, "301, 302, 303, 307 or 308")),
                };
            }
            "drop-query" => self.drop_query = true,
            "keep-query" => self.keep_query = true,
            "append-slash" => self.append_slash = true,
            "ignore-empty" => self.ignore_empty = true,
            _ => {
                let word = line.args.word("a cookie: NAME, or NAME=value")?;
                let value = value(word, kind == "set-cookie-fmt", rules, line)?;
                let attributes = if kind == "clear-cookie" { CLEARED } else { KEPT };
                self.cookie = Some(Cookie { value, attributes });
            }
        }
        Ok(())
    }
}

fn is_condition(word: &Word) -> bool {
    matches!(&*word.text, "if" | "unless")
}

fn what(kind: &str) -> &'static str {
    match kind {
        "location" => "a URL",
        "prefix" => "the prefix of the path",
        _ => "a scheme",
    }
}

fn value(word: &Word, is_format: bool, rules: &Rules, line: &mut Line<'_, '_>) -> Parsed<Value> {
    if !is_format {
        return Ok(Value::Text(word.text.clone().into_bytes()));
    }
    let format = Format::parse(Text::of(word), rules.points, line.surroundings)?;
    Ok(match format.literal() {
        Some(text) => Value::Text(text.to_vec()),
        None => Value::Format(format),
    })
}
