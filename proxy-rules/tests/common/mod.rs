//! Helpers for the tests of rules: configurations from text, a session, messages.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod record;

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::memory::{self, MemoryStream};
use proto_mptcp as _;
use proto_tcp as _;
use proxy_config::{Configuration, Section, testing};
use proxy_http::{Request, Response};
use proxy_rules::{Context, SectionRules, SessionFacts};

/// Returns a configuration, and what was reported about it in the form for scripts: `line: message`.
pub(crate) fn read(text: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read(text);
    let said = reading.for_scripts().into_iter().map(|line| line.split_once("t.cfg:").unwrap().1.to_owned());
    let said = said.collect();
    (reading.configuration, said)
}

/// Returns the lines in a frontend of mode http that has a backend.
pub(crate) fn frontend(lines: &str) -> String {
    format!("frontend f\n  mode http\n  default_backend b\n{lines}\nbackend b\n  mode http\n")
}

/// Returns the first section of a configuration without mistakes or warnings.
pub(crate) fn section(lines: &str) -> Section {
    let (configuration, said) = read(&frontend(lines));
    // Some tests of formats have flags and percent signs that have no effect, which causes warnings.
    let means_nothing = ["it is not a flag of a value", "' of values", "does not begin a value here"];
    let is_meant = |line: &String| means_nothing.iter().any(|what| line.contains(what));
    let said: Vec<String> = said.into_iter().filter(|line| !is_meant(line)).collect();
    assert_eq!(said, Vec::<String>::new(), "{lines}");
    configuration.proxies.into_iter().next().unwrap()
}

/// Returns the rules of a frontend.
pub(crate) fn rules(lines: &str) -> SectionRules {
    section(lines).get::<SectionRules>().cloned().unwrap_or_default()
}

/// A client's session.
pub(crate) struct Client {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) backend: Option<&'static str>,
    /// Whether both connections have carried requests before.
    pub(crate) repeated: bool,
    stream: MemoryStream,
}

impl Client {
    pub(crate) fn new(source: &str, destination: &str) -> Client {
        let stream = memory::pair(memory::address("client"), memory::address("server")).0;
        let address = |text: &str| Address::Inet(text.parse().unwrap());
        Client {
            source: address(source),
            destination: address(destination),
            backend: None,
            repeated: false,
            stream,
        }
    }
}

impl Default for Client {
    fn default() -> Client {
        Client::new("192.0.2.7:40000", "198.51.100.1:80")
    }
}

impl SessionFacts for Client {
    fn source(&self) -> &Address {
        &self.source
    }

    fn destination(&self) -> &Address {
        &self.destination
    }

    fn listener_name(&self) -> Option<&str> {
        Some("web")
    }

    fn listener_number(&self) -> u32 {
        3
    }

    fn frontend_name(&self) -> &str {
        "f"
    }

    fn backend_name(&self) -> Option<&str> {
        self.backend
    }

    fn client(&self) -> Sampled<'_> {
        Sampled::new(&self.stream)
    }

    fn is_first_request(&self) -> bool {
        !self.repeated
    }

    fn is_server_connection_reused(&self) -> Option<bool> {
        Some(self.repeated)
    }
}

/// Returns a request from `GET /path` and fields, separated by bars.
pub(crate) fn request(text: &str) -> Request {
    let mut lines = text.split('|');
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::new();
    request.set_method(method.as_bytes()).unwrap();
    request.set_target(target.as_bytes()).unwrap();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        request.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
    }
    request
}

/// Returns a request as text in the same form.
pub(crate) fn text(request: &Request) -> String {
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields =
        request.fields().iter().map(|field| format!("|{}: {}", string(field.name), string(field.value)));
    string(request.method_name()) + " " + &string(request.target()) + &fields.collect::<String>()
}

/// Returns a response from `200` and fields, separated by bars.
pub(crate) fn response(text: &str) -> Response {
    let mut lines = text.split('|');
    let mut response = Response::new();
    response.set_status(lines.next().unwrap().parse().unwrap(), b"Reason").unwrap();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        response.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
    }
    response
}

/// Returns a response as text in the same form.
pub(crate) fn response_text(response: &Response) -> String {
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields =
        response.fields().iter().map(|field| format!("|{}: {}", string(field.name), string(field.value)));
    response.status().to_string() + &fields.collect::<String>()
}

/// Calls a function with a request in its context.
pub(crate) fn with<R>(request: &mut Request, then: impl FnOnce(&mut Context<'_>) -> R) -> R {
    let client = Client::default();
    let (mut variables, mut scratch) = (proxy_rules::Variables::default(), Vec::new());
    then(&mut Context::new(&client, &mut variables, &mut scratch).with_request(request))
}
