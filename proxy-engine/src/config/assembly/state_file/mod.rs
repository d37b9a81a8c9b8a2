//! Reads the states that servers start with from files, which `show servers state` has written. A file that cannot be
//! read is no reason not to start. `line`: a line of a file.

mod line;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};

use proxy_config::{Configuration, Diagnostic, Diagnostics, Section, Severity};

use self::line::subject;
use crate::policy::{StateFileName, StateFiles, StateSource};
use crate::upstream::SavedServer;

/// The states of the servers of a section, by name.
pub(super) type SavedServers = HashMap<String, SavedServer>;

/// The longest line that is read, in bytes.
const LONGEST: usize = 4096;
/// The most lines that are read of a file.
const MOST: usize = 1 << 20;

/// The states of the servers of all sections that have some.
#[derive(Debug)]
pub(super) struct StateReader {
    files: StateFiles,
    /// What the file of all sections says, by the names of backends.
    global: HashMap<String, SavedServers>,
}

impl StateReader {
    /// Reads the file of all sections, if there is one.
    pub(super) fn new(configuration: &Configuration, diagnostics: &mut Diagnostics) -> StateReader {
        let files: StateFiles = configuration.global.get_or_default();
        let mut global: HashMap<String, SavedServers> = HashMap::new();
        let uses = |section: &Section| section.values.get_or_default::<StateSource>() == StateSource::Global;
        if let Some(file) = files.file.as_ref().filter(|_| configuration.backends().any(uses)) {
            let path = files.path(file);
            for line in lines(&path, "global server state file", diagnostics) {
                let Ok(Some(subject)) = subject(&line) else { continue };
                let (backend, server) = (subject.backend.to_owned(), subject.server.to_owned());
                if let Some(state) = state(&backend, &server, subject.state(), diagnostics) {
                    global.entry(backend).or_default().entry(server).or_insert(state);
                }
            }
        }
        StateReader { files, global }
    }

    /// Returns the states of the servers of a section with this number.
    pub(super) fn of(&mut self, section: &Section, id: u32, diagnostics: &mut Diagnostics) -> SavedServers {
        let name = &section.name.value;
        match section.values.get_or_default::<StateSource>() {
            StateSource::Local if section.kind.is_backend() => self.local(section, id, diagnostics),
            StateSource::Global => self.global.remove(name).unwrap_or_default(),
            StateSource::None | StateSource::Local => SavedServers::default(),
        }
    }

    fn local(&self, section: &Section, id: u32, diagnostics: &mut Diagnostics) -> SavedServers {
        let name = &section.name.value;
        let StateFileName(file) = section.values.get_or_default();
        let path = self.files.path(file.as_ref().unwrap_or(name));
        let mut warn = |text: String| {
            diagnostics.push(Diagnostic::warning(section.span(), format!("proxy '{name}': {text}")));
        };
        let mut saved = SavedServers::default();
        let mut failures = Vec::new();
        for line in lines_of(&path, "server state file", &mut failures) {
            let Ok(Some(subject)) = subject(&line) else { continue };
            let (has_id, has_name) = (subject.backend_id == id.to_string(), subject.backend == name);
            match (has_id, has_name) {
                (false, false) => continue,
                (false, true) => warn(format!(
                    "backend ID mismatch: from server state file: '{}', from running config '{id}'",
                    subject.backend_id
                )),
                (true, false) => warn(format!(
                    "backend name mismatch: from server state file: '{}', from running config '{name}'",
                    subject.backend.escape_debug()
                )),
                (true, true) => {}
            }
            if !has_name && !subject.is_backend_id_given {
                continue;
            }
            let server = subject.server.to_owned();
            match subject.state() {
                Ok(state) => drop(saved.entry(server).or_insert(state)),
                Err(mistakes) => warn(failed(name, &server, &mistakes)),
            }
        }
        failures.into_iter().for_each(|failure| diagnostics.push(failure));
        saved
    }
}

fn failed(backend: &str, server: &str, mistakes: &str) -> String {
    let (backend, server) = (backend.escape_debug(), server.escape_debug());
    format!("server-state application failed for server '{backend}/{server}', {mistakes}")
}

fn state(
    backend: &str,
    server: &str,
    read: Result<SavedServer, String>,
    diagnostics: &mut Diagnostics,
) -> Option<SavedServer> {
    read.map_err(|mistakes| {
        diagnostics.push(Diagnostic::new(Severity::Warning, None, failed(backend, server, &mistakes)));
    })
    .ok()
}

fn lines(path: &str, what: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut failures = Vec::new();
    let lines = lines_of(path, what, &mut failures);
    failures.into_iter().for_each(|failure| diagnostics.push(failure));
    lines
}

/// Returns the lines of a file after its version. Nothing of a file with a line that is no state counts.
fn lines_of(path: &str, what: &str, failures: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut say = |severity, text: String| failures.push(Diagnostic::new(severity, None, text));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            // The first start has no states.
            let is_missing = error.kind() == ErrorKind::NotFound;
            let severity = if is_missing { Severity::Notice } else { Severity::Warning };
            say(severity, format!("cannot open {what} '{path}': {error}"));
            return Vec::new();
        }
    };
    let mut reader = BufReader::new(file);
    let mut read = || {
        let mut line = Vec::new();
        let result = reader.by_ref().take(LONGEST as u64).read_until(b'\n', &mut line);
        result.ok().filter(|length| *length > 0)?;
        // A line without an end was cut.
        Some(line.strip_suffix(b"\n").and_then(|line| String::from_utf8(line.to_vec()).ok()))
    };
    match read() {
        None => {
            say(Severity::Notice, format!("empty {what} '{path}'"));
            return Vec::new();
        }
        Some(Some(version)) if version == "1" => {}
        Some(_) => {
            say(Severity::Warning, format!("{what} '{path}' does not begin with the version 1"));
            return Vec::new();
        }
    }
    let mut lines = Vec::new();
    while let Some(line) = read() {
        match line.filter(|line| subject(line).is_ok() && lines.len() < MOST) {
            Some(line) => lines.push(line),
            None => {
                let number = lines.len() + 2;
                say(
                    Severity::Warning,
                    format!("corrupted {what} '{path}' at line {number}: none of it is used"),
                );
                return Vec::new();
            }
        }
    }
    lines
}
