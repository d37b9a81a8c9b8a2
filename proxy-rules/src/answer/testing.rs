//! For tests of what is read and answered: a text to a configuration, an answer to what goes over the wire.

use proto_core::Registry;
use proto_core::address::{Address, NoEnvironment};
use proto_core::stream::Stream;
use proxy_config::condition::{Facts, Version};
use proxy_config::diagnostic::{Form, render};
use proxy_config::{Configuration, Diagnostics, Language, Reader, Sources, Variables};
use proxy_http::{Request, Response};

use super::Answer;
use crate::context::{Context, Session};
use crate::variables::Variables as Kept;
use crate::verdict::Verdict;

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").unwrap()
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        false
    }
}

/// A configuration, and what was said about it: `line:column: message: help`.
pub(crate) fn read(text: &str) -> (Configuration, Vec<String>) {
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(&NoEnvironment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let (language, registry, variables) = (&language, &registry, &variables);
    let reader = Reader { language, registry, variables, facts: &Plain, any_port: false };
    let configuration = reader.read(&sources, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|diagnostic| {
        assert!(render(&diagnostic, &sources, Form::Person { colour: false }).ends_with('\n'));
        let place = diagnostic.span.map(|span| format!("{}:{}-{}: ", span.line, span.start, span.end));
        let help = diagnostic.help.map(|help| format!(": {help}"));
        place.unwrap_or_default() + &diagnostic.message + &help.unwrap_or_default()
    });
    (configuration, said.collect())
}

/// A configuration without a mistake.
pub(crate) fn read_well(text: &str) -> Configuration {
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new());
    configuration
}

/// An answer as lines: the status it is logged by and whether it closes, the status line, the fields, the body.
pub(crate) fn wire(answer: &Answer) -> String {
    let text = String::from_utf8_lossy;
    let Some(message) = &answer.message else { return format!("[{}] silence", answer.status) };
    let close = if message.close { " closes" } else { "" };
    let head = &message.head;
    let mut wire = format!("[{}{close}] {} {}\n", answer.status, head.status(), text(head.reason()));
    for field in head.fields().iter() {
        wire += &format!("{}: {}\n", text(field.name), text(field.value));
    }
    wire + "\n" + &text(&message.body)
}

/// A session of which these tests ask nothing.
struct Unasked;

impl Session for Unasked {
    fn source(&self) -> &Address {
        unreachable!("no test here asks for the source")
    }

    fn destination(&self) -> &Address {
        unreachable!("no test here asks for the destination")
    }

    fn listener_name(&self) -> Option<&str> {
        unreachable!("no test here asks for the name of the listener")
    }

    fn listener_number(&self) -> u32 {
        unreachable!("no test here asks for the number of the listener")
    }

    fn frontend_name(&self) -> &str {
        unreachable!("no test here asks for the name of the frontend")
    }

    fn backend_name(&self) -> Option<&str> {
        unreachable!("no test here asks for the name of the backend")
    }

    fn client(&self) -> &dyn Stream {
        unreachable!("no test here asks for the connection")
    }
}

/// Does something in the context of `GET <target>` of `h.example`, and perhaps of a response.
pub(crate) fn with_context<R>(target: &str, answered: bool, then: impl FnOnce(&mut Context<'_>) -> R) -> R {
    let mut request = Request::new();
    request.set_method(b"GET").unwrap();
    request.set_target(target.as_bytes()).unwrap();
    request.fields_mut().add(b"host", b"h.example").unwrap();
    let mut response = Response::new();
    response.set_status(200, b"OK").unwrap();
    let (mut variables, mut scratch) = (Kept::default(), Vec::new());
    let context = Context::new(&Unasked, &mut variables, &mut scratch).with_request(&mut request);
    if answered { then(&mut context.with_response(&mut response)) } else { then(&mut { context }) }
}

/// A verdict as text: what goes over the wire, or which error message does.
pub(crate) fn told(verdict: &Verdict) -> String {
    let denies = |denies: &bool| if *denies { "denies: " } else { "" };
    match verdict {
        Verdict::Answer { answer, denies: it } => format!("{}{}", denies(it), wire(answer)),
        Verdict::Error { status, denies: it } => format!("{}error {status}", denies(it)),
        Verdict::Tarpit { status } => format!("tarpit {status}"),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Accept => "accept".to_owned(),
    }
}

/// A file with a text, in a folder of the test's own.
pub(crate) struct TestFile(std::path::PathBuf);

impl TestFile {
    pub(crate) fn new(name: &str, text: &str) -> TestFile {
        let path = std::env::temp_dir().join(format!("braid-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        TestFile(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
