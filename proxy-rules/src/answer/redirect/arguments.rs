//! The words of a redirection, in any order, up to the condition.

use proto_core::words::nearest;
use proxy_config::{Line, Parsed, Word, mistake};

use super::{Cookie, Destination, Redirect, Value};
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
    /// When it is evaluated.
    pub(crate) points: Points,
    /// Whether the destination is a format.
    pub(crate) formats: bool,
    /// Whether it answers a request rather than taking the place of a response.
    pub(crate) on_request: bool,
}

impl Redirect {
    /// Reads one. What is left of the line is its condition.
    pub(crate) fn parse(line: &mut Line<'_, '_>, rules: &Rules) -> Parsed<Redirect> {
        let (mut to, mut cookie, mut code) = (None, None, 302);
        let (mut drop_query, mut keep_query) = (false, false);
        let (mut append_slash, mut ignore_empty) = (false, false);
        while let Some(word) = line.args.peek().filter(|word| !matches!(&*word.text, "if" | "unless")) {
            line.args.take();
            match &*word.text {
                kind @ ("location" | "prefix" | "scheme") => {
                    let destination = line.args.word(what(kind))?;
                    if kind != "location" && !rules.on_request {
                        let problem =
                            mistake(word.span, format!("'{kind}' cannot stand in a rule for responses"));
                        return Err(Box::new(problem.help("there it is 'location'")));
                    }
                    // `/` alone is a prefix that adds nothing, so that a client can be sent to where it is already.
                    let nothing = kind == "prefix" && destination.text == "/";
                    let value = if nothing {
                        Value::Text(Vec::new())
                    } else {
                        value(destination, rules.formats, rules, line)?
                    };
                    to = Some(match kind {
                        "location" => Destination::Location(value),
                        "prefix" => Destination::Prefix(value),
                        _ => Destination::Scheme(value),
                    });
                }
                "code" => {
                    let word = line.args.word("a code")?;
                    code = match &*word.text {
                        "301" => 301,
                        "302" => 302,
                        "303" => 303,
                        "307" => 307,
                        "308" => 308,
                        _ => return Err(line.args.bad(word, "301, 302, 303, 307 or 308")),
                    };
                }
                "drop-query" => drop_query = true,
                "keep-query" => keep_query = true,
                "append-slash" => append_slash = true,
                "ignore-empty" => ignore_empty = true,
                kind @ ("set-cookie" | "set-cookie-fmt" | "clear-cookie") => {
                    let word = line.args.word("a cookie: NAME, or NAME=value")?;
                    let value = value(word, kind == "set-cookie-fmt", rules, line)?;
                    cookie = Some(Cookie {
                        value,
                        attributes: if kind == "clear-cookie" { CLEARED } else { KEPT },
                    });
                }
                other => {
                    let problem = mistake(word.span, format!("unknown word '{other}' of a redirection"));
                    let problem = problem.expected(format!("one of {}, or a condition", WORDS.join(", ")));
                    return Err(Box::new(problem.nearest(nearest(other, WORDS))));
                }
            }
        }
        let to = to.ok_or_else(|| {
            let problem = mistake(line.args.last().behind(), "a redirection without a destination");
            Box::new(problem.expected("location, prefix or scheme"))
        })?;
        // What is not a format is never found empty, and a query or path in front is no reason to skip it.
        let ignore_empty = ignore_empty && rules.formats && matches!(to, Destination::Location(_));
        Ok(Redirect { code, to, drop_query, keep_query, append_slash, ignore_empty, cookie })
    }
}

fn what(kind: &str) -> &'static str {
    match kind {
        "location" => "a URL",
        "prefix" => "what stands before the path",
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
