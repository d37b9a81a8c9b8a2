//! Diagnostics as text.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// The form of a rendered diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a person: the line, a caret, and what was expected.
    Person {
        /// Whether to use colours.
        colour: bool,
    },
    /// For a script: one line as HAProxy writes it, with the process identifier.
    Script {
        /// The process identifier.
        pid: u32,
    },
}

/// Renders a diagnostic as text that ends with a line feed.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, form: Form) -> String {
    match form {
        Form::Person { colour } => person(diagnostic, sources, colour),
        Form::Script { pid } => script(diagnostic, sources, pid),
    }
}

fn script(diagnostic: &Diagnostic, sources: &Sources, pid: u32) -> String {
    let level = match diagnostic.severity {
        Severity::Alert => "[ALERT]   ",
        Severity::Warning => "[WARNING] ",
        Severity::Notice => "[NOTICE]  ",
        Severity::Diagnosis => "[DIAG]    ",
    };
    let place = |span: Span| format!("[{}:{}]", sources.name(span.file), span.line);
    let mut text = format!("{level} ({pid}) : config : ");
    if let Some(span) = diagnostic.span {
        text.push_str(&format!("parsing {} : ", place(span)));
    }
    text.push_str(&escaped(&diagnostic.message));
    if let Some((span, what)) = &diagnostic.related {
        text.push_str(&format!(" ({} at {})", escaped(what), place(*span)));
    }
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("; {}", escaped(help)));
    }
    if let Some(nearest) = &diagnostic.nearest {
        text.push_str(&format!("; did you mean '{}' maybe ?", escaped(nearest)));
    }
    text.push('\n');
    text
}

fn person(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Alert => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE,
        Severity::Diagnosis => Level::INFO,
    };
    let message = escaped(&diagnostic.message);
    let mut shown: Vec<(Span, Line, AnnotationKind, String)> = Vec::new();
    if let Some(span) = diagnostic.span {
        shown.push((span, Line::of(sources, span), AnnotationKind::Primary, String::new()));
    }
    if let Some((span, what)) = &diagnostic.related {
        shown.push((*span, Line::of(sources, *span), AnnotationKind::Context, escaped(what)));
    }
    let mut group = Group::with_title(level.primary_title(message.as_str()));
    for (span, line, kind, label) in &shown {
        let annotation = kind.span(line.start..line.end);
        let annotation = if label.is_empty() { annotation } else { annotation.label(label.as_str()) };
        let snippet = Snippet::source(line.text.as_str())
            .path(sources.name(span.file))
            .line_start(span.line as usize)
            .annotation(annotation);
        group = group.element(snippet);
    }
    let mut notes: Vec<String> = diagnostic.help.as_deref().map(escaped).into_iter().collect();
    notes
        .extend(diagnostic.nearest.as_deref().map(|nearest| format!("did you mean '{}'?", escaped(nearest))));
    for note in &notes {
        group = group.element(Level::HELP.message(note.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    // An empty line separates diagnostics.
    text.push_str("\n\n");
    text
}

/// A line as it is shown, and the part that is marked.
struct Line {
    text: String,
    start: usize,
    end: usize,
}

/// The most bytes of a line that are shown. Of a longer line, the part around what is marked is shown, and the column
/// after the name of the file is counted within that part. Of a shorter line, too, only what fits on a terminal is
/// printed.
const SHOWN: usize = 4096;

impl Line {
    /// Replaces tabs by a space, and other control characters and bytes that are not UTF-8 by a question mark, so that
    /// the caret is in the right place and the terminal is not affected.
    fn of(sources: &Sources, span: Span) -> Line {
        let bytes = sources.line(span.file, span.line);
        let (start, end) = (bytes.len().min(span.start as usize), bytes.len().min(span.end as usize));
        let from = if bytes.len() > SHOWN { start.saturating_sub(SHOWN / 4) } else { 0 };
        let to = bytes.len().min(from + SHOWN);
        let shown = |part: &[u8]| -> String {
            let safe = |c: char| match c {
                '\t' => ' ',
                char::REPLACEMENT_CHARACTER => '?',
                c if misleads(c) => '?',
                c => c,
            };
            String::from_utf8_lossy(part).chars().map(safe).collect()
        };
        let (end, start) = (end.clamp(from, to), start.clamp(from, to));
        let before = shown(&bytes[from..start]);
        let marked = shown(&bytes[start..end.max(start)]);
        let text = format!("{before}{marked}{}", shown(&bytes[end.max(start)..to]));
        Line { start: before.len(), end: before.len() + marked.len(), text }
    }
}

/// Returns whether a terminal would show something other than what the file has: for control characters, and those that
/// change the direction of a text or are invisible (Unicode TR 36, "Unicode Security Considerations").
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Escapes characters that mislead, since messages quote a file and are shown on a terminal.
fn escaped(text: &str) -> String {
    if !text.chars().any(misleads) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if misleads(c) { c.escape_default().collect() } else { vec![c] }).collect()
}
