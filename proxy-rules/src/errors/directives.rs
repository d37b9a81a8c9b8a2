//! The keywords `errorfile`, `errorfiles`, `errorloc`, `errorloc302` and `errorloc303`; the lines of an `http-errors`
//! section.

use proxy_config::arguments::Arguments;
use proxy_config::{Directive, Line, Parsed, Sections, Spanned, mistake};

use super::messages::{ErrorLine, Lines};
use super::{ErrorStatus, location, read_error_file};

pub(super) const PROXIES: Sections = Sections::PROXY.union(Sections::DEFAULTS);

inventory::submit! {
    Directive::new(
        "errorfile",
        "<code> <file>",
        PROXIES.union(Sections::HTTP_ERRORS),
        "the reply to an error, from a file",
        |line| {
            let status = error_status(&mut line.args)?;
            let path = line.args.word("a file with a whole HTTP response")?;
            let answer = read_error_file(status.code(), path)
                .map_err(|error| mistake(path.span, error.to_string()))?;
            add(line, ErrorLine::Message(status, answer));
            Ok(())
        },
    )
}

inventory::submit! {
    Directive::new(
        "errorfiles",
        "<section> [<code>...]",
        PROXIES,
        "the replies to errors, from an http-errors section",
        |line| {
            let name = line.args.word("the name of an http-errors section")?;
            let section = Spanned { value: name.text.clone(), span: name.span };
            let mut only = Vec::new();
            while line.args.peek().is_some() {
                only.push(error_status(&mut line.args)?);
            }
            add(line, ErrorLine::From { section, only });
            Ok(())
        },
    )
}

const LOCATION: &str = "<code> <url>";

inventory::submit! {
    Directive::new("errorloc", LOCATION, PROXIES, "where clients are led on an error, with 302", |line| lead(line, 302))
}

inventory::submit! {
    Directive::new("errorloc302", LOCATION, PROXIES, "where clients are led on an error, with 302", |line| {
        lead(line, 302)
    })
}

inventory::submit! {
    Directive::new("errorloc303", LOCATION, PROXIES, "where clients are led on an error, with 303 and GET", |line| {
        lead(line, 303)
    })
}

fn lead(line: &mut Line<'_, '_>, by: u16) -> Parsed {
    let status = error_status(&mut line.args)?;
    let url = line.args.word("a URL")?;
    if url.contains(|c: char| c.is_ascii_control()) {
        return Err(line.args.bad(url, "a URL without control characters"));
    }
    add(line, ErrorLine::Message(status, location::redirection(status.code(), by, url)));
    Ok(())
}

/// Reads the status of an error that has messages.
pub(crate) fn error_status(args: &mut Arguments<'_>) -> Parsed<ErrorStatus> {
    let known = || ErrorStatus::all().map(|status| status.code().to_string()).collect::<Vec<_>>().join(", ");
    let word = args.word("the code of an error")?;
    let status = word.parse().ok().and_then(ErrorStatus::of);
    status.ok_or_else(|| args.bad(word, format!("one of {}", known())))
}

pub(super) fn add(line: &mut Line<'_, '_>, error: ErrorLine) {
    line.section.get_mut::<Lines>().0.push(error);
}
