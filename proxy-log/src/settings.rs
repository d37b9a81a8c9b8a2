//! The keywords of the configuration about the destinations of log lines, and the types that store their settings.
//! The contents of lines are in `proxy_rules::log`.

use proto_core::address::{AddressSpec, Host, Rules};
use proto_core::words::nearest;
use proxy_config::endpoint::address;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Line, Mistake, Parsed, Sections, Sense,
    Span, Word, inventory, mistake,
};
use proxy_rules::log::LogPolicy;

use crate::format::Format;
use crate::length::MaxLength;
use crate::sampling::Sampling;
use crate::words::{Facility, Level, UnknownWord};

/// The `log` lines of a section.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// Whether the lines of the global section apply, too (`log global`).
    pub global: bool,
    /// The section's own lines.
    pub lines: Vec<LogLine>,
}

/// A `log` line.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The place of the target.
    pub span: Span,
    /// The destination.
    pub place: LogPlace,
    /// The facility of the lines.
    pub facility: Facility,
    /// The least severe level that is sent.
    pub max_level: Level,
    /// The most severe level that is sent; what is more severe is sent with this level.
    pub min_level: Level,
    /// The format of the lines.
    pub format: Option<Format>,
    /// The length at which lines are cut.
    pub max_length: MaxLength,
    /// The lines that are sent, if not all.
    pub sampling: Option<Sampling>,
}

/// The destination of a `log` line, with a name that may not be resolved yet.
#[derive(Clone, Debug)]
pub enum LogPlace {
    /// An address to which datagrams are sent.
    Datagram(Box<AddressSpec>),
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// An inherited file descriptor.
    Fd(i32),
}

const ANYWHERE: Sections = Sections::GLOBAL.union(Sections::PROXY).union(Sections::DEFAULTS);

inventory::submit! {
    Directive::new(
        "log",
        "global | <target> [len <bytes>] [format <format>] [sample <ranges>:<size>] <facility> [<max level> [<min level>]]",
        ANYWHERE,
        "the destination of traffic logs; 'no log' removes the lines before it",
        log,
    )
    .negatable()
}

fn log(line: &mut Line<'_, '_>) -> Parsed {
    if line.sense != Sense::Plain {
        line.section.set(Logs::default());
        return Ok(());
    }
    let target = line.args.word("'global', stdout, stderr or an address")?;
    if target.text == "global" {
        if line.kind == Kind::Global {
            return Err(mistake(target.span, "'log global' cannot be used in the global section"));
        }
        line.section.get_mut::<Logs>().global = true;
        return Ok(());
    }
    // Nothing follows a target; so it is no target.
    if line.args.is_empty()
        && let Some(near) = nearest(target, ["global"])
    {
        let problem = mistake(target.span, format!("unknown target '{}' of 'log'", target.text));
        return Err(Box::new(problem.nearest(Some(near))));
    }
    let place = place(target, line);
    let place = line.surroundings.diagnostics.take(place);
    let mut entry = LogLine {
        span: target.span,
        place: LogPlace::Stdout,
        facility: Facility::Local0,
        max_level: Level::Debug,
        min_level: Level::Emerg,
        format: None,
        max_length: MaxLength::default(),
        sampling: None,
    };
    // A mistake in one of the words hides none in the others.
    loop {
        let word = line.args.word("a facility, or one of len, format, sample")?;
        let mut kind = &*word.text;
        if !OPTIONS.contains(&kind) && kind.parse::<Facility>().is_err() {
            let Some(near) = nearest(kind, OPTIONS) else {
                line.surroundings.diagnostics.take(parse::<Facility>(word));
                break;
            };
            let problem = Diagnostic::alert(word.span, format!("unknown word '{kind}' of 'log'"));
            line.surroundings.diagnostics.push(problem.nearest(Some(near)));
            kind = near;
        }
        let read = match kind {
            "len" | "format" | "sample" => option(kind, &mut entry, line),
            "profile" => {
                line.args.take();
                Err(mistake(word.span, "HAProxy's 'profile' of logs is not supported yet"))
            }
            _ => {
                entry.facility = parse(word)?;
                break;
            }
        };
        line.surroundings.diagnostics.take(read);
    }
    for level in [&mut entry.max_level, &mut entry.min_level] {
        if let Some(word) = line.args.take() {
            *level = line.surroundings.diagnostics.take(parse(word)).unwrap_or(*level);
        }
    }
    if let Some(place) = place {
        line.section.get_mut::<Logs>().lines.push(LogLine { place, ..entry });
    }
    Ok(())
}

/// What stands before the facility.
const OPTIONS: [&str; 4] = ["len", "format", "sample", "profile"];

/// Reads the value of one.
fn option(kind: &str, entry: &mut LogLine, line: &mut Line<'_, '_>) -> Parsed {
    match kind {
        "len" => {
            line.args.after("len");
            let bounds = [MaxLength::MIN, MaxLength::MAX].map(|bound| bound.bytes() as u64);
            let length = line.args.number(bounds[0]..=bounds[1], "bytes of a log line");
            line.args.after("log");
            entry.max_length =
                MaxLength::try_from(length?).map_err(|error| mistake(line.args.last(), error.to_string()))?;
        }
        "format" => entry.format = Some(parse(line.args.word("a format")?)?),
        _ => {
            let word = line.args.word("ranges and a size, such as 1,3-5:8")?;
            let bad = |error: crate::sampling::SamplingError| mistake(word.span, error.to_string());
            entry.sampling = Some(word.parse().map_err(bad)?);
        }
    }
    Ok(())
}

fn parse<T: std::str::FromStr<Err = UnknownWord>>(word: &Word) -> Parsed<T> {
    word.parse().map_err(|error: UnknownWord| -> Mistake {
        let problem = mistake(word.span, format!("'{}' is not a {}", error.word, error.what));
        let problem = problem.expected(format!("one of {}", error.allowed.join(", ")));
        Box::new(problem.nearest(error.nearest))
    })
}

fn place(word: &Word, line: &Line<'_, '_>) -> Parsed<LogPlace> {
    match &*word.text {
        "stdout" => return Ok(LogPlace::Stdout),
        "stderr" => return Ok(LogPlace::Stderr),
        ring if ring.starts_with("ring@") || ring.starts_with("backend@") => {
            let message = "HAProxy's rings and log backends are not supported yet";
            return Err(mistake(word.span, message));
        }
        _ => {}
    }
    let spec = address(word, &Rules::LOG, line.surroundings)?;
    match spec.host {
        Host::Fd(fd) => Ok(LogPlace::Fd(fd)),
        _ if spec.selector.socket_type == proto_core::protocol::SocketType::Stream => {
            Err(mistake(word.span, "logs over streams are not supported yet"))
        }
        _ => Ok(LogPlace::Datagram(Box::new(spec))),
    }
}

/// The name of the program (`log-tag`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTag(pub String);

inventory::submit! {
    Directive::new("log-tag", "<name>", ANYWHERE, "the program's name in the header of log lines", |line| {
        let tag = line.args.word("a name")?.text.clone();
        line.section.set(LogTag(tag));
        Ok(())
    })
}

/// The host name that is sent (`log-send-hostname`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHostname(pub String);

inventory::submit! {
    Directive::new("log-send-hostname", "[<name>]", Sections::GLOBAL, "send this machine's name in log lines", |line| {
        let name = match line.args.take() {
            Some(word) => word.text.clone(),
            None => crate::hostname(),
        };
        line.section.set(LogHostname(name));
        Ok(())
    })
}

inventory::submit! { Check { name: "logs", run: check } }

/// Warns about a log format without a log, and about one that needs another mode, as HAProxy does.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // After mistakes this is not known: the `log` line may be one that could not be read.
    if !diagnostics.is_usable() {
        return;
    }
    let has_global = configuration.global.get::<Logs>().is_some_and(|logs| !logs.lines.is_empty());
    for frontend in configuration.frontends() {
        let has_log =
            frontend.get::<Logs>().is_some_and(|logs| !logs.lines.is_empty() || (logs.global && has_global));
        let said: LogPolicy = frontend.values.get_or_default();
        let keyword = said.form.keyword().or(said.structured.as_ref().map(|_| "log-format-sd"));
        let Some(keyword) = keyword else { continue };
        let really = LogPolicy::of(&frontend.values).form;
        let help = match really.keyword() {
            _ if !has_log => "there is no 'log' line".to_owned(),
            Some(instead) if really != said.form => {
                format!("it needs 'mode http'; lines are those of '{instead}'")
            }
            _ => continue,
        };
        let message = format!("'{keyword}' of {} '{}' has no effect", frontend.kind, frontend.name);
        diagnostics.push(Diagnostic::warning(frontend.span(), message).help(help));
    }
}
