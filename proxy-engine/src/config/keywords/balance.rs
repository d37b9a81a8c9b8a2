//! `balance`.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::foreign::{self, Place};
use proxy_config::inventory;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Mode, Sections, Word, mistake,
};
use proxy_rules::{Expression, Points, Text, Type};

use crate::balance::{self, Algorithm, Hashing};
use crate::policy::Balancing;

/// The algorithms that take no arguments, and ignore any that are given.
const WITHOUT_WORDS: [&str; 6] = ["first", "leastconn", "random", "roundrobin", "source", "static-rr"];

/// Splits an algorithm into its name and the arguments in parentheses: `random(2)`, as in HAProxy's manual.
fn split(word: &Word) -> (&str, Vec<String>) {
    match word.strip_suffix(')').and_then(|word| word.split_once('(')) {
        Some((name, arguments)) => (name, arguments.split(',').map(str::to_owned).collect()),
        None => (word.text.as_str(), Vec::new()),
    }
}

fn unknown(word: &Word, name: &str) -> Box<Diagnostic> {
    if foreign::knows(Place::Balance, name) {
        let message = format!("HAProxy's balancing algorithm '{}' is not supported yet", word.text);
        return mistake(word.span, message);
    }
    let names: Vec<&str> = Algorithm::entries().iter().map(|algorithm| algorithm.name).collect();
    let problem = Diagnostic::alert(word.span, format!("unknown algorithm '{}'", word.text));
    Box::new(problem.nearest(nearest(name, names)))
}

inventory::submit! {
    Directive::new(
        "balance",
        "<algorithm> [<argument>...]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "algorithm that chooses servers",
        |line| {
            let word = line.args.word("a balancing algorithm")?;
            let (name, mut arguments) = split(word);
            let Some(algorithm) = Algorithm::entries().find(name) else { return Err(unknown(word, name)) };
            let rest = line.args.rest();
            arguments.extend(rest.iter().map(|word| word.text.clone()));
            if let [first, ..] = rest
                && WITHOUT_WORDS.contains(&name)
            {
                // HAProxy ignores them.
                let message = format!("arguments after 'balance {}' are ignored", word.text);
                line.surroundings.diagnostics.push(Diagnostic::warning(first.span.to(line.args.last()), message));
                arguments.truncate(arguments.len() - rest.len());
            }
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let text = (algorithm.expression)(&words);
            let mut balancing = Balancing { algorithm: name.to_owned(), arguments, expression: None };
            let span = word.span.to(line.args.last());
            if let Err(error) = balance::make(&balancing, Mode::Http, &Hashing::default()) {
                return Err(mistake(span, format!("balance {name}: {error}")));
            }
            if let Some(text) = &text {
                let text = match rest {
                    [word] if word.text == *text => Text::of(word),
                    _ => Text::at(text, span),
                };
                let expression = Expression::parse(text, Points::SERVER, line.surroundings)?;
                if !expression.gives().casts_to(Type::Binary) {
                    let message = format!("the value of this expression cannot be hashed: it is {}", expression.gives());
                    return Err(mistake(text.span(), message));
                }
                balancing.expression = Some(Arc::new(expression));
            }
            line.section.set(balancing);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! { Check { name: "balancing", run: check } }

/// Warns of algorithms that need requests in a mode without any, as HAProxy does.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // After an error the mode is not known: its line may not have been understood.
    if !diagnostics.is_usable() {
        return;
    }
    for section in configuration.backends() {
        let algorithm =
            section.get::<Balancing>().and_then(|balancing| Algorithm::entries().find(&balancing.algorithm));
        let Some(Algorithm { name, needs_request: true, .. }) = algorithm else { continue };
        if section.values.get_or_default::<Mode>() != Mode::Http {
            let message = format!("'balance {name}' of {} '{}' has no effect", section.kind, section.name);
            let help = "it needs 'mode http'; 'balance roundrobin' is used instead";
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
    }
}
