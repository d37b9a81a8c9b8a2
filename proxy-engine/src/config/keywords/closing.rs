//! `option http-keep-alive`, `http-server-close` and `httpclose`.

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections, Sense, mistake};

use crate::policy::Closing;

const BOTH: Sections = Sections::PROXY.union(Sections::DEFAULTS);

fn close(line: &mut Line<'_, '_>, closing: Closing) -> Parsed {
    match line.sense {
        Sense::Plain => line.section.set(closing),
        // `no` undoes only its own option.
        Sense::No if line.section.get_or_default::<Closing>() == closing => {
            line.section.set(Closing::KeepAlive);
        }
        Sense::No => {}
        Sense::Default => {
            let problem =
                mistake(line.span, "'default' cannot be combined with the options that close connections");
            return Err(Box::new(problem.help("use 'no' to undo one of them")));
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
    Directive::new("option http-server-close", "", BOTH, "close servers' connections after each response", |line| {
        close(line, Closing::Server)
    }).negatable()
}

inventory::submit! {
    Directive::new("option httpclose", "", BOTH, "close connections after each response", |line| {
        close(line, Closing::Both)
    }).negatable()
}
