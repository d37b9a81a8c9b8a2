//! For tests: reads a text as a configuration and returns its diagnostics in forms that are easily compared.
//!
//! It is in this crate, enabled by the feature `testing` of dev-dependencies, because every crate with keywords tests
//! them by reading texts. The keywords are those that are linked into the test program: its own, and those of the
//! transports that it names (`use proto_tcp as _`).
//!
//! The program reads differently: here there is one text and no file, nothing depends on the process, and every mistake
//! of the caller is a panic.

mod code;
mod readers;

use std::sync::LazyLock;

use proto_core::Registry;
use proto_core::address::{Environment, NoEnvironment};

use crate::condition::{Facts, Version};
use crate::diagnostic::{Diagnostic, Diagnostics, Form, Severity, render};
use crate::environment::Variables;
use crate::language::Language;
use crate::reader::Reader;
use crate::section::Configuration;
use crate::source::Sources;

pub use readers::{ReadBy, Row, check_readers};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::linked().expect("transports fit together"));
static LANGUAGE: LazyLock<Language> =
    LazyLock::new(|| Language::linked(&REGISTRY).expect("keywords are unique"));

/// The result of reading a text.
#[derive(Debug)]
pub struct Reading {
    /// The configuration, as far as it was understood.
    pub configuration: Configuration,
    /// The diagnostics, in the order of its lines.
    pub diagnostics: Vec<Diagnostic>,
    sources: Sources,
}

/// Reads a text with no environment variable set.
pub fn read(text: impl Into<Vec<u8>>) -> Reading {
    read_in(&NoEnvironment, text)
}

/// Reads a text with these environment variables. The file is called `t.cfg`, and conditions see only the version.
///
/// # Panics
/// Panics if the linked entries conflict, or if a diagnostic cannot be rendered for a person.
pub fn read_in(environment: &dyn Environment, text: impl Into<Vec<u8>>) -> Reading {
    let variables = Variables::over(environment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let (language, registry, variables) = (&*LANGUAGE, &*REGISTRY, &variables);
    let reader = Reader { language, registry, variables, facts: &Plain, any_port: false };
    let configuration = reader.read(&sources, &mut diagnostics);
    let diagnostics = diagnostics.sorted();
    // Tests compare the other forms; rendering this one checks that it copes with every place.
    for diagnostic in &diagnostics {
        assert!(render(diagnostic, &sources, Form::Person { colour: false }).ends_with('\n'));
    }
    Reading { configuration, diagnostics, sources }
}

impl Reading {
    /// Returns the diagnostics in the form for scripts, without the part that is the same in all lines.
    pub fn for_scripts(&self) -> Vec<String> {
        let line = |diagnostic: &Diagnostic| {
            let line = render(diagnostic, &self.sources, Form::Script { pid: 1 });
            let (_, said) = line.trim_end().split_once(" : config : ").expect("a line for scripts");
            said.to_owned()
        };
        self.diagnostics.iter().map(line).collect()
    }

    /// Returns the diagnostics as `A7 message; help`: the first letter of the severity, the line (0 without one), the
    /// message and the help.
    pub fn in_short(&self) -> Vec<String> {
        let short = |diagnostic: &Diagnostic| {
            let letter = if diagnostic.severity == Severity::Alert { 'A' } else { 'W' };
            let line = diagnostic.span.map_or(0, |span| span.line);
            let help = diagnostic.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            format!("{letter}{line} {}{help}", diagnostic.message)
        };
        self.diagnostics.iter().map(short).collect()
    }
}

/// The facts of a program of which only the version is known.
struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").expect("a version")
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        unreachable!("the reader knows its variables")
    }
}
