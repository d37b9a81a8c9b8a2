//! For tests: a text read as a configuration, and what was said about it, in forms that are easily compared.
//!
//! It stands here, behind the feature `testing` that only dev-dependencies turn on, because every crate with keywords
//! tests them by reading texts. What is understood is what is linked into the test program: its own keywords, and the
//! transports that it names (`use proto_tcp as _`).
//!
//! It is not how the program reads: there is one text and no file, the process is not asked for anything, and every
//! mistake of the caller is a panic.

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

/// What was made of a text.
#[derive(Debug)]
pub struct Reading {
    /// As far as it was understood.
    pub configuration: Configuration,
    /// What was said about it, in the order of its lines.
    pub diagnostics: Vec<Diagnostic>,
    sources: Sources,
}

/// Reads a text where no variable is set.
pub fn read(text: impl Into<Vec<u8>>) -> Reading {
    read_in(&NoEnvironment, text)
}

/// Reads a text where these variables are set. The file is called `t.cfg`, and conditions see nothing but the version.
///
/// # Panics
/// When what is linked does not fit together, or when what was said cannot be shown to a person.
pub fn read_in(environment: &dyn Environment, text: impl Into<Vec<u8>>) -> Reading {
    let variables = Variables::over(environment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let (language, registry, variables) = (&*LANGUAGE, &*REGISTRY, &variables);
    let reader = Reader { language, registry, variables, facts: &Plain, any_port: false };
    let configuration = reader.read(&sources, &mut diagnostics);
    let diagnostics = diagnostics.sorted();
    // Tests compare other forms; this one has to cope with every place that is told in any of them.
    for diagnostic in &diagnostics {
        assert!(render(diagnostic, &sources, Form::Person { colour: false }).ends_with('\n'));
    }
    Reading { configuration, diagnostics, sources }
}

impl Reading {
    /// The form for scripts, without what is the same in all lines.
    pub fn for_scripts(&self) -> Vec<String> {
        let line = |diagnostic: &Diagnostic| {
            let line = render(diagnostic, &self.sources, Form::Script { pid: 1 });
            let (_, said) = line.trim_end().split_once(" : config : ").expect("a line for scripts");
            said.to_owned()
        };
        self.diagnostics.iter().map(line).collect()
    }

    /// `A7 message; help`: the first letter of how bad it is, the line (0 without one), and what was said.
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

/// A program of which nothing is known but its version.
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
