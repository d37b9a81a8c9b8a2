//! Named forms of log lines. Each is a format string.

use proxy_config::Mode;

/// The format of `option tcplog`.
pub const TCP: &str = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq%transports";

/// The format of `option tcplog clf`.
pub const TCP_CLF: &str = "%{+Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- \
                           %ac %fc %bc %sc %rc %sq %bq \"\" \"\"%transports ";

/// The format of `option httplog`.
pub const HTTP: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
                        %sq/%bq %hr %hs %{+Q}r%transports";

/// The format of `option httplog clf`.
pub const HTTP_CLF: &str = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr \
                            %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl%transports";

/// The format of `option httpslog` in HAProxy. It contains fetches about TLS: as long as there are none, a line with
/// this keyword is refused because of the first of them.
pub const HTTPS: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc \
                         %sq/%bq %hr %hs %{+Q}r%transports %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/\
                         %[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogForm {
    /// A line for each connection that is accepted.
    #[default]
    Plain,
    /// `option tcplog`: everything about a session.
    Tcp,
    /// `option tcplog clf`: the same in the order of web servers.
    TcpClf,
    /// `option httplog`: everything about a request. In mode tcp it becomes [`Tcp`](Self::Tcp).
    Http,
    /// `option httplog clf`: the same in the order of web servers. In mode tcp it becomes [`TcpClf`](Self::TcpClf).
    HttpClf,
    /// `log-format`: a custom format.
    Custom,
}

impl LogForm {
    /// Returns the form that is used in a mode.
    #[must_use]
    pub fn within(self, mode: Mode) -> LogForm {
        match (self, mode) {
            (LogForm::Http, Mode::Tcp) => LogForm::Tcp,
            (LogForm::HttpClf, Mode::Tcp) => LogForm::TcpClf,
            (form, _) => form,
        }
    }

    /// Returns the keyword of the form.
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

    /// Returns the format of the form, if it has a fixed one.
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
