//! `option tcplog`, `option httplog`, and both with `clf`: forms of lines that have a name. Each is a format string.

use std::sync::Arc;

use proxy_config::{Diagnostic, Directive, Kind, Line, Mode, Parsed};

use super::{FRONTEND, LogPolicy, NO_CLIENTS};
use crate::format::{Format, Style};
use crate::points::Points;
use crate::text::Text;

/// `option tcplog`
pub const TCP: &str = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq%transports";

/// `option tcplog clf`
pub const TCP_CLF: &str = "%{+Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- \
                           %ac %fc %bc %sc %rc %sq %bq \"\" \"\"%transports ";

/// `option httplog`
pub const HTTP: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
                        %sq/%bq %hr %hs %{+Q}r%transports";

/// `option httplog clf`
pub const HTTP_CLF: &str = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr \
                            %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl%transports";

/// `option httpslog` of HAProxy. Its fetches are about TLS: as long as there is none, a line that names it is refused at
/// the first of them.
pub const HTTPS: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
                         %sq/%bq %hr %hs %{+Q}r%transports %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/\
                         %[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogForm {
    /// That a client came.
    #[default]
    Plain,
    /// `option tcplog`: all of a session.
    Tcp,
    /// `option tcplog clf`: the same in the order of web servers.
    TcpClf,
    /// `option httplog`: all of a request. In a proxy of mode tcp it is [`Tcp`](Self::Tcp).
    Http,
    /// `option httplog clf`: the same in the order of web servers. In mode tcp it is [`TcpClf`](Self::TcpClf).
    HttpClf,
    /// `log-format`
    Custom,
}

impl LogForm {
    /// What comes of it in a mode.
    #[must_use]
    pub fn within(self, mode: Mode) -> LogForm {
        match (self, mode) {
            (LogForm::Http, Mode::Tcp) => LogForm::Tcp,
            (LogForm::HttpClf, Mode::Tcp) => LogForm::TcpClf,
            (form, _) => form,
        }
    }

    /// The keyword that says so.
    pub fn keyword(self) -> Option<&'static str> {
        Some(match self {
            LogForm::Plain => return None,
            LogForm::Tcp => "option tcplog",
            LogForm::TcpClf => "option tcplog clf",
            LogForm::Http => "option httplog",
            LogForm::HttpClf => "option httplog clf",
            LogForm::Custom => "log-format",
        })
    }

    /// Its format, if it has one of its own.
    pub fn text(self) -> Option<&'static str> {
        Some(match self {
            LogForm::Plain | LogForm::Custom => return None,
            LogForm::Tcp => TCP,
            LogForm::TcpClf => TCP_CLF,
            LogForm::Http => HTTP,
            LogForm::HttpClf => HTTP_CLF,
        })
    }
}

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

/// Says what lines say from now on. In `defaults`, whoever reads the file is told of what that takes the place of.
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
        let message = format!("'{new}' takes the place of '{old}' of these defaults");
        line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
    }
}
