//! `balance` and `hash-type`.

use proto_core::words::nearest;
use proxy_config::inventory;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Mode, Sections};

use crate::balance::{Algorithm, ArgumentError, Balance, HashFunction, HashMethod, HashType};

/// How servers are chosen.
#[derive(Clone, Debug)]
pub struct Balancing {
    algorithm: &'static Algorithm,
    arguments: Vec<String>,
}

impl Balancing {
    /// An algorithm at work, for one backend of a mode and with its `hash-type`. One that looks at requests takes turns
    /// (`roundrobin`) in a mode without any, as in HAProxy.
    ///
    /// # Errors
    /// For arguments that it does not take; those of a configuration were tried when it was read.
    pub fn make(&self, mode: Mode, hash: HashType) -> Result<Box<dyn Balance>, ArgumentError> {
        if self.is_in_vain(mode) {
            return Balancing::without_arguments("roundrobin");
        }
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        (self.algorithm.make)(&arguments, hash)
    }

    /// Whether it looks at requests and there are none.
    fn is_in_vain(&self, mode: Mode) -> bool {
        self.algorithm.needs_request && mode != Mode::Http
    }

    /// What a backend does that says nothing: since HAProxy 3.3 that is `random`.
    ///
    /// # Errors
    /// When no file implements it.
    pub fn default_algorithm() -> Result<Box<dyn Balance>, ArgumentError> {
        Balancing::without_arguments("random")
    }

    fn without_arguments(name: &str) -> Result<Box<dyn Balance>, ArgumentError> {
        match find(name) {
            Some(algorithm) => (algorithm.make)(&[], HashType::default()),
            None => Err(ArgumentError(format!("this binary has no '{name}'"))),
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
            if let Err(error) = balancing.make(Mode::Http, HashType::default()) {
                let place = word.span.to(line.args.last());
                return Err(proxy_config::mistake(place, format!("balance {}: {error}", algorithm.name)));
            }
            line.section.set(balancing);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Directive::new(
        "hash-type",
        "map-based|consistent [sdbm|djb2|wt6|crc32|none [avalanche]]",
        Sections::BACKEND.or(Sections::DEFAULTS),
        "how algorithms with a key find the server",
        |line| {
            let methods = [("map-based", HashMethod::MapBased), ("consistent", HashMethod::Consistent)];
            let method = line.args.one_of(&methods)?;
            // On a ring hashes of similar keys would be neighbours.
            let plain = HashType { method, avalanche: method == HashMethod::Consistent, ..HashType::default() };
            line.section.set(match line.args.peek() {
                None => plain,
                Some(_) => {
                    let function = line.args.one_of(&HashFunction::ALL)?;
                    HashType { method, function, avalanche: line.args.take_word("avalanche") }
                }
            });
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! { Check { name: "balancing", run: check } }

/// Warns of algorithms that look at requests where there are none, as HAProxy does.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // With mistakes it is not known: the mode may be one that was not understood.
    if !diagnostics.is_usable() {
        return;
    }
    for section in configuration.backends() {
        let Some(balancing) = section.get::<Balancing>() else { continue };
        if balancing.is_in_vain(section.values.get_or_default()) {
            let name = balancing.algorithm.name;
            let message = format!("'balance {name}' of {} '{}' has no effect", section.kind, section.name);
            let help = "it needs 'mode http'; servers take turns ('balance roundrobin')";
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
    }
}
