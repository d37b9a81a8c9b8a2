//! Forms of log lines that have a name. Each is a format string.

use proxy_config::Mode;

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
