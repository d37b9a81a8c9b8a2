//! Reads files into a configuration: every line is read, and every mistake is reported.
//!
//! ```text
//!  line ─ words ─┬─ .if .elif .else .endif .notice .. ─ macros
//!                ├─ global, defaults, frontend .. ───── headers: a section begins
//!                ├─ in a section of a transport ─────── transport: a keyword of the transport
//!                └─ anything else ───────────────────── lines: a keyword of the section
//! ```

mod headers;
mod lines;
mod macros;
mod transport;
mod unknown;

pub(crate) use headers::check_name;

use std::cell::RefCell;
use std::collections::HashMap;

use proto_core::Registry;
use proto_core::extension::TransportSection;

use crate::condition::Facts;
use crate::diagnostic::{Diagnostic, Diagnostics, Parsed};
use crate::environment::Variables;
use crate::language::Language;
use crate::section::{Configuration, Kind, Section};
use crate::source::{FileId, Sources, Span};
use crate::values::Values;
use crate::words::{self, LineVariables};

use self::macros::Conditions;

/// A reader of configurations. Everything that it depends on is injected.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "facts are whatever the caller brings")]
pub struct Reader<'r> {
    /// The keywords.
    pub language: &'r Language,
    /// The transports.
    pub registry: &'r Registry,
    /// The environment variables.
    pub variables: &'r Variables<'r>,
    /// The facts that conditions ask for.
    pub facts: &'r dyn Facts,
    /// Whether `bind` accepts port 0, for which the kernel chooses a port.
    pub any_port: bool,
}

impl Reader<'_> {
    /// Reads all files and checks the whole configuration. If there are mistakes, it returns what was understood.
    pub fn read(&self, sources: &Sources, diagnostics: &mut Diagnostics) -> Configuration {
        let mut reading = Reading {
            reader: *self,
            sources,
            file: None,
            line: 0,
            section: State::None,
            named: Values::default(),
            references: RefCell::default(),
            global: Values::default(),
            defaults: Vec::new(),
            proxies: Vec::new(),
            shared: Vec::new(),
            transport: Vec::new(),
            names: HashMap::new(),
            shared_names: HashMap::new(),
            diagnostics,
        };
        for file in sources.files() {
            reading.file(file);
        }
        let Reading { global, defaults, proxies, shared, transport, references, .. } = reading;
        let (transport_spans, transport): (_, Vec<_>) = transport.into_iter().unzip();
        let transport = transport.into_iter().collect();
        let references = references.into_inner();
        let configuration =
            Configuration { global, defaults, proxies, shared, transport, transport_spans, references };
        for check in self.language.checks() {
            (check.run)(&configuration, diagnostics);
        }
        configuration
    }
}

/// The state of reading a configuration.
struct Reading<'r> {
    reader: Reader<'r>,
    sources: &'r Sources,
    file: Option<FileId>,
    line: u32,
    section: State,
    /// The names that lines of the section have defined.
    named: Values,
    /// What lines refer to in other sections.
    references: RefCell<Values>,
    global: Values,
    defaults: Vec<Section>,
    proxies: Vec<Section>,
    shared: Vec<Section>,
    /// The sections of transports, and where each begins.
    transport: Vec<(Span, TransportSection)>,
    /// The indices of proxies by name: those of a frontend and of a backend.
    names: HashMap<String, [Option<usize>; 2]>,
    /// The indices of the sections that proxies refer to, by kind and name.
    shared_names: HashMap<(Kind, String), usize>,
    diagnostics: &'r mut Diagnostics,
}

/// The section that lines belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No section has begun in this file.
    None,
    /// A section that cannot be read. Its lines are skipped, since the mistake has been reported.
    Skipped,
    Global,
    /// The last one of the defaults.
    Defaults,
    /// The last one of the proxies.
    Proxy,
    /// The last one of the sections that proxies refer to.
    Shared,
    /// A section of a transport, by its index.
    Transport(usize),
}

impl Reading<'_> {
    fn file(&mut self, file: FileId) {
        (self.file, self.section) = (Some(file), State::None);
        let mut conditions = Conditions::default();
        for line in 1..=self.sources.lines(file) {
            self.line = line;
            if let Err(mistake) = self.line(file, line, &mut conditions) {
                self.diagnostics.push(*mistake);
            }
            if conditions.is_lost() {
                return;
            }
        }
        let last = self.sources.lines(file);
        if !self.sources.is_whole(file) {
            let end = self.sources.line(file, last).len();
            let place = Sources::span(file, last, end, end);
            let problem =
                Diagnostic::alert(place, "missing LF on the last line, the file may have been cut off");
            self.diagnostics.push(problem);
        }
        if let Some(open) = conditions.open() {
            self.diagnostics.push(Diagnostic::alert(open, "'.if' without '.endif'"));
        }
    }

    fn line(&mut self, file: FileId, line: u32, conditions: &mut Conditions) -> Parsed {
        let text = self.sources.line(file, line).trim_ascii_start();
        if text.is_empty() || text.starts_with(b"#") {
            return Ok(());
        }
        if conditions.is_dropping() && !text.starts_with(b".") {
            return Ok(());
        }
        let words = words::split(self.sources, file, line, self.reader.variables, &Here(self));
        if self.section == State::Skipped && !text.starts_with(b".") && !self.begins_section(text) {
            return Ok(());
        }
        if words.is_err() && (text.starts_with(b".if") || text.starts_with(b".elif")) {
            conditions.give_up();
        }
        let words = words?;
        let Some(first) = words.first() else { return Ok(()) };
        if first.starts_with('.') {
            return self.directive_macro(&words, conditions);
        }
        words::refuse_empty(&words)?;
        match self.header(&words) {
            Some(result) => result,
            None => self.keyword(&words),
        }
    }
}

/// The values of `.LINE`, `.FILE` and `.SECTION` on the current line.
struct Here<'a, 'r>(&'a Reading<'r>);

impl LineVariables for Here<'_, '_> {
    fn own(&self, name: &str) -> Option<String> {
        let reading = self.0;
        let named = |section: Option<&Section>| {
            let section = section?;
            let name = &section.name.value;
            Some(if name.is_empty() { section.kind.name().to_owned() } else { name.clone() })
        };
        match name {
            ".LINE" => Some(reading.line.to_string()),
            ".FILE" => reading.file.map(|file| reading.sources.name(file).to_owned()),
            ".SECTION" => match reading.section {
                State::None | State::Skipped => Some(String::new()),
                State::Global => Some(Kind::Global.name().to_owned()),
                State::Defaults => named(reading.defaults.last()),
                State::Proxy => named(reading.proxies.last()),
                State::Shared => named(reading.shared.last()),
                State::Transport(index) => reading.transport.get(index).map(|(_, section)| {
                    if section.name.is_empty() { section.kind.to_owned() } else { section.name.clone() }
                }),
            },
            _ => None,
        }
    }
}
