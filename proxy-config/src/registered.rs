//! Keywords that transports have registered: the arguments that they take, and the errors about those they do not.

use proto_core::extension::{KeywordError, Optional, Words};

use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::words::Word;

/// The parts of a keyword that describe its arguments.
pub(crate) struct Usage<'u> {
    pub(crate) name: &'u str,
    pub(crate) arguments: &'u [&'u str],
    pub(crate) optional: Option<Optional>,
    pub(crate) help: &'u str,
}

/// Executes a keyword with as many of the words after it as it has arguments, and with the optional ones that are
/// present.
pub(crate) fn apply(
    usage: &Usage<'_>,
    word: &Word,
    args: &mut Arguments<'_>,
    carry_out: impl FnOnce(&Words<'_>) -> Result<(), KeywordError>,
) -> Parsed {
    let wanted = usage.arguments.iter().map(|argument| args.word(argument));
    let mut words: Vec<&Word> = wanted.collect::<Parsed<_>>().map_err(|problem| {
        let expected = format!("{}: {}", usage.arguments.join(" "), usage.help);
        Box::new(
            Diagnostic { message: format!("missing argument after '{}'", usage.name), ..*problem }
                .expected(expected),
        )
    })?;
    if let Some(Optional { most, accepts, .. }) = usage.optional {
        for _ in 0..most {
            let Some(word) = args.peek().filter(|word| accepts(&word.text)) else { break };
            args.take();
            words.push(word);
        }
    }
    let texts: Vec<&str> = words.iter().map(|word| &*word.text).collect();
    let texts = Words::new(&texts);
    let applied = carry_out(&texts);
    if let Some(asked) = texts.missing() {
        let message = format!("'{}' reads argument {} and does not declare it", usage.name, asked + 1);
        let problem = Diagnostic::alert(word.span, message);
        return Err(Box::new(problem.help("this is a mistake in the transport")));
    }
    if let Some((word, length)) =
        texts.partly_read().and_then(|(index, length)| Some((words.get(index)?, length)))
    {
        args.ignores_after_time(word, length);
    }
    applied.map_err(|KeywordError { argument, found, expected }| {
        let place = words.get(argument).map_or(word.span, |word| word.span);
        let problem = mistake(place, format!("invalid value '{found}' for '{}'", usage.name));
        Box::new(problem.expected(expected))
    })
}
