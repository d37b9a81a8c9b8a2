//! The arguments that describe a reply:
//!
//! ```text
//!  [status 200..599] [content-type T] [hdr NAME FORMAT]...
//!  [ default-errorfiles | errorfiles SECTION | errorfile FILE
//!  | file FILE | string TEXT | lf-file FILE | lf-string FORMAT ]
//! ```
//!
//! in any order, up to the first word that is none of these.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::{Diagnostic, Parsed, Span, Spanned, Word, mistake};
use proxy_http::token::{MARKS, is_token_byte};

use super::{Body, Reply, Template};
use crate::action::ActionArguments;
use crate::errors::{ErrorStatus, Reference, read_error_file, read_file};
use crate::expression::last_of;
use crate::format::{Format, Style};
use crate::text::Text;

/// Fields that describe the body, and so cannot be set by a rule.
const OF_BODY: [&str; 3] = ["content-length", "transfer-encoding", "content-type"];

/// All keywords of a reply.
const WORDS: [&str; 10] = [
    "status",
    "content-type",
    "hdr",
    "default-errorfiles",
    "errorfiles",
    "errorfile",
    "file",
    "string",
    "lf-file",
    "lf-string",
];

/// The arguments that were read so far.
struct Words<'l> {
    status: Spanned<u16>,
    content_type: Option<&'l Word>,
    fields: Vec<(Span, Vec<u8>, Format)>,
    payload: Option<(&'l Word, Payload<'l>)>,
}

/// The source of the rest of the reply.
enum Payload<'l> {
    Messages,
    Section(&'l Word),
    ErrorFile(&'l Word),
    Bytes(Vec<u8>),
    Format(Format),
}

impl Reply {
    /// Returns the error message for a status as a reply.
    pub(crate) fn message(status: &Spanned<u16>) -> Parsed<Reply> {
        error_status(status).map(Reply::Message)
    }

    /// Reads the arguments of a reply.
    pub(crate) fn parse(action: &mut ActionArguments<'_, '_, '_>, status: Spanned<u16>) -> Parsed<Reply> {
        Reply::parse_with_status(action, status).map(|(reply, _)| reply)
    }

    /// Reads the arguments of a reply, and returns it with its status: the one that they name, else the given one.
    pub(crate) fn parse_with_status(
        action: &mut ActionArguments<'_, '_, '_>,
        status: Spanned<u16>,
    ) -> Parsed<(Reply, Spanned<u16>)> {
        let mut words = Words { status, content_type: None, fields: Vec::new(), payload: None };
        let mut problems = Vec::new();
        while let Some(word) = action.peek() {
            let mut kind = &*word.text;
            if !WORDS.contains(&kind) {
                // A mistyped word is read as the one that was meant.
                let Some(near) = nearest(kind, WORDS).filter(|_| kind.len() > 3) else { break };
                let problem = Diagnostic::alert(word.span, format!("unknown word '{kind}' of a reply"));
                problems.push(Box::new(problem.nearest(Some(near))));
                kind = near;
            }
            action.line.args.take();
            action.line.args.after(kind);
            problems.extend(words.take(kind, word, action).err());
        }
        match last_of(problems, action.line.surroundings) {
            Some(problem) => Err(problem),
            None => {
                let status = words.status.clone();
                Ok((words.reply(action)?, status))
            }
        }
    }
}

/// Reads the status of a reply.
pub(crate) fn status(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Spanned<u16>> {
    let value = action.line.args.number(200..=599, "the status of the reply")?;
    Ok(Spanned { value, span: action.line.args.last() })
}

fn error_status(status: &Spanned<u16>) -> Parsed<ErrorStatus> {
    ErrorStatus::of(status.value).ok_or_else(|| {
        let problem = mistake(status.span, format!("there is no error message for status {status}"));
        let known = ErrorStatus::all().map(|status| status.code().to_string()).collect::<Vec<_>>();
        Box::new(problem.help(format!("there are some for {}", known.join(", "))))
    })
}

impl<'l> Words<'l> {
    /// Reads what belongs to a keyword.
    fn take(&mut self, kind: &str, word: &'l Word, action: &mut ActionArguments<'_, 'l, '_>) -> Parsed {
        let payload = match kind {
            "status" => {
                self.status = status(action)?;
                return Ok(());
            }
            "content-type" => {
                self.content_type = Some(action.word("a media type")?);
                return Ok(());
            }
            "hdr" => return self.field(action),
            _ => {
                if let Some((other, _)) = &self.payload {
                    let message = format!("'{}' cannot be combined with '{}'", word.text, other.text);
                    let problem = mistake(word.span, message);
                    return Err(Box::new(problem.related(other.span, "this already defines the reply")));
                }
                match kind {
                    "default-errorfiles" => Payload::Messages,
                    "errorfiles" => Payload::Section(action.word("the name of an http-errors section")?),
                    "errorfile" => Payload::ErrorFile(action.word("a file with a whole HTTP response")?),
                    "file" => Payload::Bytes(file(action.word("a file with the body")?)?),
                    "string" => Payload::Bytes(action.word("the body")?.text.clone().into_bytes()),
                    "lf-file" => {
                        let path = action.word("a file with the body as a format")?;
                        let text = String::from_utf8(file(path)?).map_err(|_| {
                            let message =
                                format!("'{}' is not text in UTF-8, as a format has to be", path.text);
                            mistake(path.span, message)
                        })?;
                        let points = action.points();
                        Payload::Format(Format::parse_in(
                            Text::at(&text, path.span),
                            points,
                            Style::PLAIN,
                            action.line.surroundings,
                        )?)
                    }
                    _ => Payload::Format(action.plain_format("the body as a format")?),
                }
            }
        };
        self.payload = Some((word, payload));
        Ok(())
    }

    /// Reads the name and the value of a field.
    fn field(&mut self, action: &mut ActionArguments<'_, 'l, '_>) -> Parsed {
        let name = action.word("the name of a field and its value")?;
        if OF_BODY.iter().any(|of_body| name.eq_ignore_ascii_case(of_body)) {
            action.word("the value of the field")?;
            let problem = Diagnostic::warning(name.span, format!("field '{}' is ignored here", name.text));
            action.line.surroundings.diagnostics.push(problem.help("it follows from the body"));
            return Ok(());
        }
        if !name.bytes().all(is_token_byte) {
            let problem = mistake(name.span, format!("'{}' is not the name of a field", name.text));
            return Err(Box::new(problem.expected(format!("letters, digits and {MARKS}"))));
        }
        let value = action.format("the value of the field")?;
        self.fields.push((name.span, name.to_ascii_lowercase().into_bytes(), value));
        Ok(())
    }

    fn reply(mut self, action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Reply> {
        let status = self.status.value;
        let body = match self.payload.take() {
            None => {
                self.ignore_type(action, "there is no body");
                Body::Fixed(Arc::default())
            }
            Some((_, Payload::Messages)) => {
                let reply = Reply::message(&self.status)?;
                self.ignore_all(action);
                return Ok(reply);
            }
            Some((_, Payload::Section(name))) => {
                let status = error_status(&self.status)?;
                self.ignore_all(action);
                let section = Spanned { value: name.text.clone(), span: name.span };
                return Ok(Reply::Reference(Reference::new(section, status, action.line.section)));
            }
            Some((_, Payload::ErrorFile(path))) => {
                let answer =
                    read_error_file(status, path).map_err(|error| mistake(path.span, error.to_string()))?;
                self.ignore_all(action);
                return Ok(Reply::Fixed(answer));
            }
            Some((_, Payload::Bytes(bytes))) if bytes.is_empty() => {
                self.ignore_type(action, "the body is empty");
                Body::Fixed(Arc::default())
            }
            Some((word, Payload::Bytes(bytes))) => {
                self.check_body(word)?;
                Body::Fixed(bytes.into())
            }
            Some((word, Payload::Format(format))) => {
                self.check_body(word)?;
                Body::Format(format)
            }
        };
        let content_type = self.content_type.map(|word| word.text.clone().into_bytes());
        let fields = self.fields.into_iter().map(|(_, name, value)| (name, value)).collect();
        Ok(Template { status, fields, content_type, body }.reply())
    }

    /// Checks that the reply may have a body, and that its type is given.
    fn check_body(&self, word: &Word) -> Parsed {
        if matches!(self.status.value, 204 | 304) {
            let message = format!("a reply with status {} has no body", self.status);
            return Err(mistake(word.span, message));
        }
        if self.content_type.is_none() {
            let problem = mistake(word.span, format!("'{}' without 'content-type'", word.text));
            return Err(Box::new(problem.help("say what the body is: content-type text/plain")));
        }
        Ok(())
    }

    fn ignore_type(&mut self, action: &mut ActionArguments<'_, '_, '_>, why: &str) {
        if let Some(word) = self.content_type.take() {
            let problem = Diagnostic::warning(word.span, format!("content type '{}' is ignored", word.text));
            action.line.surroundings.diagnostics.push(problem.help(why));
        }
    }

    /// Warns of what is ignored beside a whole response.
    fn ignore_all(&mut self, action: &mut ActionArguments<'_, '_, '_>) {
        const WHY: &str = "an error file defines the whole reply";
        self.ignore_type(action, WHY);
        for (span, name, _) in self.fields.drain(..) {
            let message = format!("field '{}' is ignored", String::from_utf8_lossy(&name));
            action.line.surroundings.diagnostics.push(Diagnostic::warning(span, message).help(WHY));
        }
    }
}

fn file(path: &Word) -> Parsed<Vec<u8>> {
    read_file(path).map_err(|error| mistake(path.span, error.to_string()))
}
