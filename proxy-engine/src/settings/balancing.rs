//! `balance`.

use proto_core::words::nearest;
use proxy_config::inventory;
use proxy_config::{Diagnostic, Directive, Kind, Sections};

use crate::balance::{Algorithm, ArgumentError, Balance};

/// How servers are chosen.
#[derive(Clone, Debug)]
pub struct Balancing {
    algorithm: &'static Algorithm,
    arguments: Vec<String>,
}

impl Balancing {
    /// An algorithm at work, for one backend.
    ///
    /// # Errors
    /// For arguments that it does not take; those of a configuration were tried when it was read.
    pub fn make(&self) -> Result<Box<dyn Balance>, ArgumentError> {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        (self.algorithm.make)(&arguments)
    }

    /// What a backend does that says nothing: since HAProxy 3.3 that is `random`.
    ///
    /// # Errors
    /// When no file implements it.
    pub fn default_algorithm() -> Result<Box<dyn Balance>, ArgumentError> {
        match find("random") {
            Some(algorithm) => (algorithm.make)(&[]),
            None => Err(ArgumentError("this binary has no 'random'".to_owned())),
        }
    }
}

fn find(name: &str) -> Option<&'static Algorithm> {
    inventory::iter::<Algorithm>.into_iter().find(|algorithm| algorithm.name == name)
}

inventory::submit! {
    Directive::new(
        "balance",
        "<algorithm> [<argument>...]",
        Sections::BACKEND.or(Sections::DEFAULTS),
        "how servers are chosen",
        |line| {
            let word = line.args.word("a balancing algorithm")?;
            // `random(2)` is what HAProxy's manual has, with the arguments in parentheses.
            let (name, inside) = match word.strip_suffix(')').and_then(|word| word.split_once('(')) {
                Some((name, inside)) => (name, inside.split(',').map(str::to_owned).collect()),
                None => (word.text.as_str(), Vec::new()),
            };
            let Some(algorithm) = find(name) else {
                let names: Vec<&str> = inventory::iter::<Algorithm>.into_iter().map(|entry| entry.name).collect();
                if proxy_config::foreign::knows(proxy_config::foreign::Place::Balance, name) {
                    let message = format!("HAProxy's balancing algorithm '{}' is not supported yet", word.text);
                    return Err(proxy_config::mistake(word.span, message));
                }
                let problem = Diagnostic::alert(word.span, format!("unknown algorithm '{}'", word.text));
                return Err(Box::new(problem.nearest(nearest(name, names))));
            };
            let behind = line.args.rest().iter().map(|word| word.text.clone());
            let arguments: Vec<String> = inside.into_iter().chain(behind).collect();
            let balancing = Balancing { algorithm, arguments };
            if let Err(error) = balancing.make() {
                let place = word.span.to(line.args.last());
                return Err(proxy_config::mistake(place, format!("balance {}: {error}", algorithm.name)));
            }
            line.section.set(balancing);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
