//! `retry-on`.

use proto_core::words::nearest;
use proxy_config::inventory;
use proxy_config::{Diagnostic, Directive, Parsed, Sections, Word, mistake};

use crate::policy::RetryOn;

const WORDS: [(&str, RetryOn); 6] = [
    ("conn-failure", RetryOn::CONNECT_FAILURE),
    ("empty-response", RetryOn::EMPTY_RESPONSE),
    ("junk-response", RetryOn::JUNK_RESPONSE),
    ("response-timeout", RetryOn::RESPONSE_TIMEOUT),
    ("0rtt-rejected", RetryOn::EARLY_DATA_REJECTED),
    ("all-retryable-errors", RetryOn::ALL_RETRYABLE_ERRORS),
];

fn causes(word: &Word) -> Parsed<RetryOn> {
    let known = WORDS.iter().find(|(name, _)| *name == word.text).map(|(_, causes)| *causes);
    if let Some(causes) = known.or_else(|| word.parse().ok().and_then(RetryOn::status)) {
        return Ok(causes);
    }
    if word.text == "none" {
        return Err(mistake(word.span, "'none' cannot be combined with other causes of 'retry-on'"));
    }
    let names = WORDS.iter().map(|(name, _)| *name).chain(["none"]);
    let statuses = RetryOn::STATUSES.map(|(status, _)| status.to_string()).join(", ");
    let problem = Diagnostic::alert(word.span, format!("unknown cause '{}' of 'retry-on'", word.text));
    let problem = problem.help(format!("supported statuses: {statuses}"));
    Err(Box::new(problem.nearest(nearest(word, names))))
}

inventory::submit! {
    Directive::new(
        "retry-on",
        "none|<cause>...",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "failures after which a request is sent again",
        |line| {
            let first = line.args.word("'none', or causes such as conn-failure, empty-response, 503")?;
            if first.text == "none" {
                line.section.set(RetryOn::NONE);
                return Ok(());
            }
            let mut all = causes(first)?;
            while let Some(word) = line.args.take() {
                all |= causes(word)?;
            }
            line.section.set(all);
            Ok(())
        },
    )
}
