//! Whole configurations: what is understood, and the diagnostics about mistakes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proto_core::Registry;
use proto_core::address::{Environment, NoEnvironment};
use proto_quic_stub as _;
use proto_tcp as _;
use proxy_config::condition::{Facts, Version};
use proxy_config::diagnostic::{Form, render};
use proxy_config::endpoint::{Binds, Servers};
use proxy_config::{Configuration, Diagnostics, Kind, Language, Reader, Severity, Sources, Variables};

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").unwrap()
    }

    fn feature(&self, name: &str) -> bool {
        name == "THREAD"
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        unreachable!("the reader knows its variables")
    }
}

/// Reads a text; returns the configuration and the diagnostics in the form for scripts.
fn read_with(text: &str, environment: &dyn Environment) -> (Configuration, Vec<(Severity, String)>) {
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(environment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let reader = Reader {
        language: &language,
        registry: &registry,
        variables: &variables,
        facts: &Plain,
        any_port: false,
    };
    let configuration = reader.read(&sources, &mut diagnostics);
    let said = |diagnostic: proxy_config::Diagnostic| {
        // Both forms must cope with every place.
        assert!(render(&diagnostic, &sources, Form::Person { colour: false }).ends_with('\n'));
        let line = render(&diagnostic, &sources, Form::Script { pid: 1 });
        let (_, line) = line.trim_end().split_once(" : config : ").unwrap();
        (diagnostic.severity, line.to_owned())
    };
    (configuration, diagnostics.sorted().into_iter().map(said).collect())
}

fn read(text: &str) -> (Configuration, Vec<String>) {
    let (configuration, said) = read_with(text, &NoEnvironment);
    (configuration, said.into_iter().map(|(_, line)| line).collect())
}

#[test]
fn sections_inherit_defaults() {
    let text = "
defaults base
  mode tcp
  default-server weight 3
defaults
frontend f
  bind 127.0.0.1:80,[::1]:80 id 7
  bind :81-83 mss 1000
  default_backend b
backend b from base
  server s1 192.0.2.1:80
  server s2 192.0.2.2
";
    let (configuration, said) = read(&text.replace("weight 3", "mss 900"));
    assert_eq!(said, Vec::<String>::new());
    let [frontend, backend] = &configuration.proxies[..] else { panic!("{configuration:?}") };
    assert_eq!((frontend.kind, &*frontend.name.value), (Kind::Frontend, "f"));
    let Binds(binds) = frontend.get().unwrap();
    assert_eq!(binds.iter().map(|bind| bind.addresses.len()).collect::<Vec<_>>(), [2, 1]);
    let Servers(servers) = backend.get().unwrap();
    assert_eq!(servers.len(), 2);
    assert!(format!("{:?}", servers[0].parameters.settings).contains("900"));
}

#[test]
fn conditions_choose_lines() {
    let text = "
.if defined(A)
  nonsense here
.elif feature(THREAD) && version_atleast(3.0)
global
  setenv A yes
.else
  more nonsense
.endif
.if streq(\"$A\",yes)
  .if !defined(A)
    nonsense
  .else
    .notice \"taken in ${.SECTION} at ${.LINE}\"
  .endif
.endif
";
    let (_, said) = read(text);
    assert_eq!(said, ["parsing [t.cfg:14] : 'taken in global at 14'"]);
}

#[test]
fn every_mistake_is_reported() {
    let text = "
global
  frobnicate 3
defaults
  mode tcpx
frontend f
  bind mtcp@:80
  bind 127.0.0.1:70000
  bind :90-80
  default_backend nope
  option foo
backend b
  server s1 127.0.0.1:80 mss x
  server s1
  bind :80
";
    let (_, said) = read(text);
    let lines: Vec<&str> = said.iter().filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    let all: Vec<String> =
        [3, 5, 7, 8, 9, 10, 11, 13, 14, 15].iter().map(|line| format!("t.cfg:{line}")).collect();
    assert_eq!(lines, all, "{said:#?}");
}
