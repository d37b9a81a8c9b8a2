//! Times of checks, which may lack a unit by mistake.

use std::time::Duration;

use proxy_config::arguments::Arguments;
use proxy_config::{Diagnostic, Endpoint, Parsed};

/// A smaller number without a unit may have been meant in seconds; HAProxy warns below the same limit.
const SUSPICIOUS: Duration = Duration::from_millis(100);

/// Reads a time, and returns a warning if it may have been meant in seconds. `what` describes it: `a timeout`.
pub(super) fn time(args: &mut Arguments<'_>, what: &str) -> Parsed<(Duration, Option<Diagnostic>)> {
    let word = args.peek();
    let time = args.time("a time")?;
    let is_number = word.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let warning = word.filter(|_| is_number && !time.is_zero() && time < SUSPICIOUS).map(|word| {
        let milliseconds = time.as_millis();
        let message = format!("{what} of {milliseconds} milliseconds is very short");
        let help = format!("write '{milliseconds}ms' if this is intended");
        Diagnostic::warning(word.span, message).help(help)
    });
    Ok((time, warning))
}

/// Reads the time from one check to the next, which is not 0.
pub(super) fn interval(endpoint: &mut Endpoint<'_, '_, '_>) -> Parsed<Duration> {
    let word = endpoint.args.peek();
    let (time, warning) = time(endpoint.args, "an interval")?;
    if let Some(word) = word.filter(|_| time.is_zero()) {
        return Err(endpoint.args.bad(word, "a time of at least 1ms"));
    }
    warning.into_iter().for_each(|warning| endpoint.surroundings.diagnostics.push(warning));
    Ok(time)
}
