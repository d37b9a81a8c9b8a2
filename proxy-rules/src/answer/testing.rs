//! Helpers for tests: reads a configuration from text, and shows replies as they are sent.

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proxy_config::{Configuration, testing};
use proxy_http::{Request, Response};

use super::Answer;
use crate::context::{Context, SessionFacts};
use crate::variables::Variables as Kept;
use crate::verdict::Verdict;

/// Returns a configuration, and what was reported about it: `line:column: message: help`.
pub(crate) fn read(text: &str) -> (Configuration, Vec<String>) {
    let testing::Reading { configuration, diagnostics, .. } = testing::read(text);
    let said = diagnostics.into_iter().map(|diagnostic| {
        let place = diagnostic.span.map(|span| format!("{}:{}-{}: ", span.line, span.start, span.end));
        let help = diagnostic.help.map(|help| format!(": {help}"));
        place.unwrap_or_default() + &diagnostic.message + &help.unwrap_or_default()
    });
    (configuration, said.collect())
}

/// Returns a configuration that has no mistakes.
pub(crate) fn read_well(text: &str) -> Configuration {
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new());
    configuration
}

/// Returns a reply as lines: the status for logs and whether it closes, the status line, the fields, the body.
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

/// A session whose properties these tests never use.
struct Unasked;

impl SessionFacts for Unasked {
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

    fn client(&self) -> Sampled<'_> {
        unreachable!("no test here asks for the connection")
    }
}

/// Calls a function with the context of `GET <target>` for `h.example`, and optionally of a response.
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

/// Returns a verdict as text: the response as it is sent, or the status of the error message.
pub(crate) fn told(verdict: &Verdict) -> String {
    let denies = |denies: &bool| if *denies { "denies: " } else { "" };
    match verdict {
        Verdict::Failed => "failed".to_owned(),
        Verdict::Answer { answer, denies: it } => format!("{}{}", denies(it), wire(answer)),
        Verdict::Error { status, denies: it } => format!("{}error {status}", denies(it)),
        Verdict::Serve(service) => format!("serve by {}", service.name()),
        Verdict::Tarpit { status } => format!("tarpit {status}"),
        Verdict::Resolve(_) => "resolve".to_owned(),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Accept => "accept".to_owned(),
        Verdict::BecomeHttp { .. } => "http".to_owned(),
        Verdict::Reject => "reject".to_owned(),
        Verdict::CloseServer => "close".to_owned(),
    }
}

/// A file with a text, in the test's own folder.
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
