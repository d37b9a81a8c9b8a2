//! `http-check send` and the arguments of `option httpchk`: the request of a check.

use std::sync::Arc;

use proxy_config::{Line, Parsed, mistake};
use proxy_http::token::is_token;
use proxy_rules::{Context, Format};

use super::read::{Read, field_format, format, text_of};

/// A text that may have values in it.
#[derive(Clone, Debug)]
pub enum HttpText {
    /// A fixed text.
    Plain(Arc<str>),
    /// A format.
    Format(Arc<Format>),
}

impl HttpText {
    /// Appends the text.
    fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        match self {
            HttpText::Plain(text) => to.extend_from_slice(text.as_bytes()),
            HttpText::Format(format) => format.write(context, to),
        }
    }
}

/// A request. What is not set is `OPTIONS / HTTP/1.0`, without fields or a body.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// The method.
    pub method: Option<Arc<str>>,
    /// The target.
    pub target: Option<HttpText>,
    /// The version, such as `HTTP/1.1`.
    pub version: Option<Arc<str>>,
    /// The fields; their names are in lower case.
    pub fields: Vec<(Arc<str>, Arc<Format>)>,
    /// The body.
    pub body: Option<HttpText>,
}

/// The method of a request that names none.
const METHOD: &str = "OPTIONS";
/// The version of a request that names none.
const VERSION: &str = "HTTP/1.0";
/// The methods of requests that say nothing about a body if they have none.
const BODILESS: [&str; 4] = ["OPTIONS", "GET", "HEAD", "DELETE"];

impl HttpRequest {
    /// Returns this request, with what another one sets.
    pub(super) fn overridden(&self, by: &HttpRequest) -> HttpRequest {
        let own = self.clone();
        let by = by.clone();
        HttpRequest {
            method: by.method.or(own.method),
            target: by.target.or(own.target),
            version: by.version.or(own.version),
            fields: if by.fields.is_empty() { own.fields } else { by.fields },
            body: by.body.or(own.body),
        }
    }

    /// Returns the method.
    pub(crate) fn method_name(&self) -> &str {
        self.method.as_deref().unwrap_or(METHOD)
    }

    /// Appends the request. `state` is the value of the field that tells the server about its own state.
    pub(crate) fn write(&self, context: &Context<'_>, state: Option<&str>, to: &mut Vec<u8>) {
        let (method, version) = (self.method_name(), self.version.as_deref().unwrap_or(VERSION));
        to.extend_from_slice(method.as_bytes());
        to.push(b' ');
        let target = to.len();
        if let Some(text) = &self.target {
            text.write(context, to);
        }
        if to.len() == target {
            to.push(b'/');
        }
        to.push(b' ');
        to.extend_from_slice(version.as_bytes());
        to.extend_from_slice(b"\r\n");
        let mut connection = None;
        for (name, value) in &self.fields {
            let begin = to.len();
            field(to, name);
            let value_begin = to.len();
            value.write(context, to);
            if &**name == "connection" {
                connection = Some(to[value_begin..].to_ascii_lowercase());
            }
            // A field without a value is left out; that about the connection is written at the end.
            if to.len() == value_begin || connection.is_some() && &**name == "connection" {
                to.truncate(begin);
                continue;
            }
            to.extend_from_slice(b"\r\n");
        }
        if let Some(state) = state {
            field(to, "x-haproxy-server-state");
            to.extend_from_slice(state.as_bytes());
            to.extend_from_slice(b"\r\n");
        }
        let mut body = Vec::new();
        if let Some(text) = &self.body {
            text.write(context, &mut body);
        }
        if !body.is_empty() || !BODILESS.contains(&method) {
            field(to, "content-length");
            to.extend_from_slice(body.len().to_string().as_bytes());
            to.extend_from_slice(b"\r\n");
        }
        let implied: &[u8] = if version == "HTTP/1.0" { b"close" } else { b"keep-alive" };
        let connection = connection.filter(|value| !value.is_empty()).unwrap_or_else(|| b"close".to_vec());
        if connection != implied {
            field(to, "connection");
            to.extend_from_slice(&connection);
            to.extend_from_slice(b"\r\n");
        }
        to.extend_from_slice(b"\r\n");
        to.extend_from_slice(&body);
    }
}

fn field(to: &mut Vec<u8>, name: &str) {
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b": ");
}

/// The fields that follow from the body.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];
const WORDS: &str = "one of meth, uri, uri-lf, ver, hdr, body, body-lf, comment";

/// Reads the words after `http-check send`.
pub(super) fn read(line: &mut Line<'_, '_>) -> Parsed<Read<HttpRequest>> {
    let (mut request, mut comment) = (HttpRequest::default(), None);
    while let Some(word) = line.args.take() {
        line.args.after(&word.text);
        match &*word.text {
            "meth" => request.method = Some(method(line)?),
            "uri" => request.target = Some(HttpText::Plain(target(line)?)),
            "uri-lf" => request.target = Some(HttpText::Format(Arc::new(field_format(line, "the target")?))),
            "ver" => request.version = Some(version(line)?),
            "body" => {
                let body = line.args.word("the body")?;
                request.body = Some(HttpText::Plain(body.text.as_str().into()));
            }
            "body-lf" => request.body = Some(HttpText::Format(Arc::new(format(line, "the body")?))),
            "comment" => comment = Some(text_of(line, "a comment")?),
            "hdr" => {
                let word = line.args.word("the name of a field")?;
                if !is_token(&word.text) {
                    return Err(line.args.bad(word, "the name of a field"));
                }
                let name = word.text.to_ascii_lowercase();
                let value = field_format(line, "the value of the field")?;
                if name == "host" && request.fields.iter().any(|(other, _)| **other == *name) {
                    return Err(mistake(word.span, format!("the field '{}' is already set", word.text)));
                }
                if FRAMING.contains(&&*name) {
                    let problem =
                        mistake(word.span, format!("the field '{}' follows from the body", word.text));
                    return Err(Box::new(problem.help("leave it out: it is sent when there is a body")));
                }
                request.fields.push((name.into(), Arc::new(value)));
            }
            _ => {
                let problem =
                    mistake(word.span, format!("unknown argument '{}' of 'http-check send'", word.text));
                return Err(Box::new(problem.expected(WORDS)));
            }
        }
    }
    Ok(Read { value: request, comment })
}

/// Reads the words after `option httpchk`: `[<method>] <uri> [<version> [<host>]]`.
pub(crate) fn read_option(line: &mut Line<'_, '_>) -> Parsed<HttpRequest> {
    let mut request = HttpRequest::default();
    if line.args.len() > 1 {
        request.method = Some(method(line)?);
    }
    if !line.args.is_empty() {
        request.target = Some(HttpText::Plain(target(line)?));
    }
    if !line.args.is_empty() {
        request.version = Some(version(line)?);
    }
    if !line.args.is_empty() {
        request.fields.push(("host".into(), Arc::new(field_format(line, "the value of 'host'")?)));
    }
    Ok(request)
}

fn method(line: &mut Line<'_, '_>) -> Parsed<Arc<str>> {
    let word = line.args.word("a method")?;
    match is_token(&word.text) {
        true => Ok(word.text.as_str().into()),
        false => Err(line.args.bad(word, "a method such as GET")),
    }
}

fn target(line: &mut Line<'_, '_>) -> Parsed<Arc<str>> {
    let word = line.args.word("a target such as /")?;
    match word.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(word.text.as_str().into()),
        false => Err(line.args.bad(word, "a target such as /, without spaces")),
    }
}

fn version(line: &mut Line<'_, '_>) -> Parsed<Arc<str>> {
    let word = line.args.word("a version of HTTP")?;
    if word.text.contains(['\r', '\n']) {
        let problem = mistake(word.span, "fields and a body cannot be part of the version");
        return Err(Box::new(problem.help("'http-check send' has 'hdr' and 'body' for them")));
    }
    match &*word.text {
        "HTTP/1.0" | "HTTP/1.1" => Ok(word.text.as_str().into()),
        _ => Err(line.args.bad(word, "HTTP/1.0 or HTTP/1.1")),
    }
}
