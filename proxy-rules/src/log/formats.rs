//! The keywords `log-format`, `log-format-sd` and `error-log-format`: custom formats.

use std::sync::Arc;

use proxy_config::{Diagnostic, Directive, Kind, Line, Parsed};

use super::options::set;
use super::{FRONTEND, LogForm, LogPolicy, NO_CLIENTS};
use crate::format::{Format, Style};
use crate::points::Points;
use crate::text::Text;

inventory::submit! {
    Directive::new("log-format", "<format>", FRONTEND, "what a log line says", |line| {
        let format = format(line, Points::LOG, Style::LOG)?;
        set(line, LogForm::Custom, Some(Arc::clone(&format)), Some(format));
        Ok(())
    })
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "log-format-sd",
        "<format>",
        FRONTEND,
        "structured data of log lines in the format 'rfc5424'",
        |line| {
            let format = format(line, Points::LOG, Style::LOG)?;
            line.section.get_mut::<LogPolicy>().structured = Some(format);
            Ok(())
        },
    )
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "error-log-format",
        "<format>",
        FRONTEND,
        "what a log line says about a connection that fails before there is a session",
        |line| {
            let format = format(line, Points::LOG, Style::LOG)?;
            let before = line.section.get_mut::<LogPolicy>().error.replace(format);
            if line.kind == Kind::Defaults && before.is_some() {
                let message = "this 'error-log-format' replaces another one of these defaults";
                line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
            }
            Ok(())
        },
    )
    .idle_in(NO_CLIENTS)
}

/// Reads the only argument of such a line.
pub(super) fn format(line: &mut Line<'_, '_>, points: Points, style: Style) -> Parsed<Arc<Format>> {
    let word = line.args.word("a format")?;
    if let Some(more) = line.args.peek() {
        let problem = Diagnostic::alert(more.span, format!("unexpected '{}'", more.text));
        return Err(Box::new(problem.help("a format is one word: put it in quotes")));
    }
    Ok(Arc::new(Format::parse_in(Text::of(word), points, style, line.surroundings)?))
}
