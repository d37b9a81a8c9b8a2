//! Times, which may lack a unit by mistake.

use std::time::Duration;

use proxy_config::{Diagnostic, Line, Parsed};

/// A smaller number without a unit may have been meant in seconds; HAProxy warns below the same limit.
const SUSPICIOUS: Duration = Duration::from_millis(100);

/// Reads a time, and warns if it may have been meant in seconds.
pub(super) fn time(line: &mut Line<'_, '_>) -> Parsed<Duration> {
    let word = line.args.peek();
    let time = line.args.time("a time")?;
    let is_number = word.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(word) = word.filter(|_| is_number && !time.is_zero() && time < SUSPICIOUS) {
        let milliseconds = time.as_millis();
        let message = format!("a time of {milliseconds} milliseconds is very short");
        let help = format!("write '{milliseconds}ms' if this is intended");
        line.surroundings.diagnostics.push(Diagnostic::warning(word.span, message).help(help));
    }
    Ok(time)
}
