//! `option redispatch`.

use proxy_config::inventory;
use proxy_config::{Diagnostic, Directive, Kind, Sections, Sense};

use crate::policy::Redispatch;

fn is_numeric(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '-'
}

inventory::submit! {
    Directive::new(
        "option redispatch",
        "[<interval>]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "a session that cannot connect may go to another server",
        |line| {
            let every = match line.args.peek() {
                // HAProxy ignores an argument that is not a number.
                Some(word) if line.sense == Sense::Plain && !word.starts_with(is_numeric) => {
                    let rest = line.args.rest();
                    let span = word.span.to(rest.last().map_or(word.span, |last| last.span));
                    let message = "the argument of 'option redispatch' is ignored: it is not a number";
                    line.surroundings.diagnostics.push(Diagnostic::warning(span, message));
                    -1
                }
                Some(_) if line.sense == Sense::Plain => {
                    line.args.number(i32::MIN..=i32::MAX, "interval of attempts, negative to count from the last one")?
                }
                // Only the last attempt.
                _ => -1,
            };
            line.section.set(match (line.sense, every) {
                (Sense::Plain, 0) | (Sense::No | Sense::Default, _) => Redispatch::Off,
                (Sense::Plain, every) if every > 0 => Redispatch::Every(every.unsigned_abs()),
                (Sense::Plain, every) => Redispatch::BeforeLast(every.unsigned_abs()),
            });
            Ok(())
        },
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}
