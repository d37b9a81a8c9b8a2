//! How long connections are kept: `option httpclose` and its like, `http-reuse`.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Line, Parsed, Sections, Sense, mistake};

/// When connections are closed. The last option of a section counts.
///
/// That of the frontend and that of the backend work together, as in HAProxy: the client's connection is closed by
/// [`Both`](Self::Both) of the frontend; the server's by [`Server`](Self::Server) of either, and by `Both` of the
/// backend. See [`closes_client`](Self::closes_client) and [`closes_server`](Self::closes_server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Not by the proxy: `option http-keep-alive`, and without any.
    #[default]
    KeepAlive,
    /// The server's, behind each response: `option http-server-close`.
    Server,
    /// Both, behind each response: `option httpclose`.
    Both,
}

impl Closing {
    /// Whether the client is told that its connection ends with the response.
    pub fn closes_client(frontend: Closing) -> bool {
        frontend == Closing::Both
    }

    /// Whether the server is told that its connection ends with the request.
    pub fn closes_server(frontend: Closing, backend: Closing) -> bool {
        frontend == Closing::Server || backend != Closing::KeepAlive
    }
}

const BOTH: Sections = Sections::PROXY.or(Sections::DEFAULTS);

fn close(line: &mut Line<'_, '_>, closing: Closing) -> Parsed {
    match line.sense {
        Sense::Plain => line.section.set(closing),
        // It undoes itself and none of the others.
        Sense::No if line.section.get_or_default::<Closing>() == closing => {
            line.section.set(Closing::KeepAlive);
        }
        Sense::No => {}
        Sense::Default => {
            let problem =
                mistake(line.span, "'default' means nothing before the options that close connections");
            return Err(Box::new(problem.help("'no' undoes one of them")));
        }
    }
    Ok(())
}

inventory::submit! {
    Directive::new("option http-keep-alive", "", BOTH, "keep connections for further requests", |line| {
        close(line, Closing::KeepAlive)
    }).negatable()
}

inventory::submit! {
    Directive::new("option http-server-close", "", BOTH, "close servers' connections behind each response", |line| {
        close(line, Closing::Server)
    }).negatable()
}

inventory::submit! {
    Directive::new("option httpclose", "", BOTH, "close connections behind each response", |line| {
        close(line, Closing::Both)
    }).negatable()
}

/// `http-reuse`: which requests may go on a connection that another client's request was on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// None.
    Never,
    /// All but the first of a client: if the server closes meanwhile, that one could not be sent again unnoticed.
    #[default]
    Safe,
    /// The first of a client, too, on connections that were reused before.
    Aggressive,
    /// All.
    Always,
}

const REUSE: [(&str, Reuse); 4] = [
    ("never", Reuse::Never),
    ("safe", Reuse::Safe),
    ("aggressive", Reuse::Aggressive),
    ("always", Reuse::Always),
];

inventory::submit! {
    Directive::new(
        "http-reuse",
        "never|safe|aggressive|always",
        Sections::BACKEND.or(Sections::DEFAULTS),
        "which requests go on idle connections of others",
        |line| {
            let reuse = line.args.one_of(&REUSE)?;
            line.section.set(reuse);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
