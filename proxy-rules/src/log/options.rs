//! The keywords `option tcplog` and `option httplog`, both also with `clf`: log lines of a named form.

use std::sync::Arc;

use proxy_config::{Diagnostic, Directive, Kind, Line, Mode, Parsed};

use super::{FRONTEND, LogForm, LogPolicy, NO_CLIENTS};
use crate::format::{Format, Style};
use crate::points::Points;
use crate::text::Text;

inventory::submit! {
    Directive::new("option tcplog", "[clf]", FRONTEND, "log a line with all fields for each session", |line| {
        named(line, LogForm::Tcp, LogForm::TcpClf)
    })
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option httplog", "[clf]", FRONTEND, "log a line with all fields for each request", |line| {
        named(line, LogForm::Http, LogForm::HttpClf)
    })
    .idle_in(NO_CLIENTS)
}

fn named(line: &mut Line<'_, '_>, form: LogForm, clf: LogForm) -> Parsed {
    let form = if line.args.take_word("clf") { clf } else { form };
    let format = compiled(line, form)?;
    let in_tcp = compiled(line, form.within(Mode::Tcp))?;
    set(line, form, format, in_tcp);
    Ok(())
}

fn compiled(line: &mut Line<'_, '_>, form: LogForm) -> Parsed<Option<Arc<Format>>> {
    let Some(text) = form.text() else { return Ok(None) };
    let text = Text::at(text, line.span);
    Ok(Some(Arc::new(Format::parse_in(text, Points::LOG, Style::LOG, line.surroundings)?)))
}

/// Sets the form of log lines. In `defaults`, replacing an earlier one is reported.
pub(super) fn set(
    line: &mut Line<'_, '_>,
    form: LogForm,
    format: Option<Arc<Format>>,
    in_tcp: Option<Arc<Format>>,
) {
    let policy: &mut LogPolicy = line.section.get_mut();
    let before = std::mem::replace(&mut policy.form, form);
    (policy.format, policy.in_tcp) = (format, in_tcp);
    if line.kind == Kind::Defaults
        && let (Some(old), Some(new)) = (before.keyword(), form.keyword())
    {
        let message = format!("'{new}' replaces '{old}' of these defaults");
        line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
    }
}
