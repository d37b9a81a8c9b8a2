//! Bind and server lines: an address and the parameters after it.

use proto_core::Registry;
use proto_core::address::{AddressError, AddressSpec, Parser, Rules};
use proto_core::extension::{Keyword, Scope};
use proto_core::protocol::Protocol;
use proto_core::spec::Settings;
use proto_core::words::nearest;

use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::directive::{Endpoint, Parameter, Surroundings};
use crate::foreign;
use crate::parameter;
use crate::registered::{self, Usage};
use crate::source::{Span, Spanned};
use crate::values::Values;
use crate::words::Word;

/// What the parameters of a line set.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// The settings that transports get.
    pub settings: Settings,
    /// The values that the rest of the program reads.
    pub values: Values,
    /// The keywords of transports among them. Each must mean something to the protocol that is used in the end.
    pub keywords: Vec<Spanned<&'static str>>,
}

/// A `bind` line.
#[derive(Clone, Debug)]
pub struct Bind {
    /// The place of its addresses.
    pub span: Span,
    /// The addresses to listen on.
    pub addresses: Vec<AddressSpec>,
    /// Its parameters.
    pub parameters: Parameters,
}

/// The `bind` lines of a section.
#[derive(Clone, Debug, Default)]
pub struct Binds(pub Vec<Bind>);

/// A `server` line.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: Spanned<String>,
    /// Its address.
    pub address: AddressSpec,
    /// The place of the address.
    pub address_span: Span,
    /// Its parameters, including those of `default-server`.
    pub parameters: Parameters,
}

/// The `server` lines of a section.
#[derive(Clone, Debug, Default)]
pub struct Servers(pub Vec<Server>);

/// The parameters of `default-server` lines.
#[derive(Clone, Debug, Default)]
pub struct DefaultServer(pub Parameters);

impl Parameters {
    /// Reads the rest of a line and reports every mistake in it. `scope` is [`Scope::Bind`] or [`Scope::Server`].
    pub fn read(
        &mut self,
        scope: Scope,
        known: &parameter::Parameters,
        args: &mut Arguments<'_>,
        surroundings: &mut Surroundings<'_>,
    ) {
        while let Some(word) = args.take() {
            args.after(&word.text);
            let before = args.len();
            let Err(problem) = self.word(scope, word, known, args, surroundings) else { continue };
            let vocabulary = Vocabulary { scope, known, registry: surroundings.registry };
            let near = problem.nearest.clone();
            let near = near.as_deref().or_else(|| nearest(name(word), foreign::names(vocabulary.place())));
            surroundings.diagnostics.push(*problem);
            let taken = before - args.len();
            match vocabulary.arguments(name(word)).or_else(|| vocabulary.arguments(near?)) {
                // Skips the arguments of the word, up to one that is itself a parameter.
                Some(arguments) => {
                    for _ in taken..arguments {
                        args.take_if(|next| !vocabulary.has(name(next)));
                    }
                }
                // Its arguments are not known: skips up to the next word that is a known parameter, or nearly so.
                None => while args.take_if(|next| !vocabulary.resembles(name(next))).is_some() {},
            }
        }
    }

    /// Applies one parameter.
    fn word<'a>(
        &mut self,
        scope: Scope,
        word: &'a Word,
        known: &parameter::Parameters,
        args: &mut Arguments<'a>,
        surroundings: &mut Surroundings<'_>,
    ) -> Parsed {
        if let Some(parameter) = known.get(scope, name(word)) {
            check_parentheses(parameter, word)?;
            return (parameter.parse)(&mut Endpoint {
                word,
                span: word.span,
                args,
                settings: &mut self.settings,
                values: &mut self.values,
                surroundings,
            });
        }
        let Some(keyword) = surroundings.registry.keyword(scope, word) else {
            return Err(unknown(scope, word, known, surroundings.registry));
        };
        let Keyword { name, arguments, optional, help, apply, .. } = *keyword;
        let usage = Usage { name, arguments, optional, help };
        registered::apply(&usage, word, args, |words| apply(&mut self.settings, words))?;
        self.keywords.push(Spanned { value: keyword.name, span: word.span });
        Ok(())
    }

    /// Returns the first keyword that would be ignored, since neither the protocol nor the layers around it serve it.
    pub fn foreign_to(
        &self,
        registry: &Registry,
        scope: Scope,
        protocol: &dyn Protocol,
        layers: &[&str],
    ) -> Option<&Spanned<&'static str>> {
        self.keywords.iter().find(|keyword| !registry.serves(scope, keyword.value, protocol, layers))
    }
}

/// All words that are known on a line: those of Braid, those of transports, and those that only HAProxy has.
struct Vocabulary<'v> {
    scope: Scope,
    known: &'v parameter::Parameters,
    registry: &'v Registry,
}

impl Vocabulary<'_> {
    fn has(&self, name: &str) -> bool {
        self.known.get(self.scope, name).is_some()
            || self.registry.keyword(self.scope, name).is_some()
            || foreign::knows(self.place(), name)
    }

    /// Returns whether a word is known, or so similar to a known one that it is hardly meant as an argument.
    fn resembles(&self, name: &str) -> bool {
        self.has(name) || name.len() > 4 && nearest(name, self.names()).is_some()
    }

    /// Returns all known words.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let own = self.known.iter().filter(|entry| entry.scope.covers(self.scope)).map(|entry| entry.name);
        let transports = self.registry.keywords().filter(|keyword| keyword.scope.covers(self.scope));
        own.chain(transports.map(|keyword| keyword.name)).chain(foreign::names(self.place()))
    }

    /// Returns how many words follow this one as its arguments, or `None` if it is not known on any line.
    fn arguments(&self, name: &str) -> Option<usize> {
        let (other, other_place) = match self.scope {
            Scope::Bind => (Scope::Server, foreign::Place::Server),
            Scope::Server | Scope::Both => (Scope::Bind, foreign::Place::Bind),
        };
        for (scope, place) in [(self.scope, self.place()), (other, other_place)] {
            if let Some(parameter) = self.known.get(scope, name) {
                let words = parameter.arguments.split_whitespace();
                return Some(words.filter(|word| !word.starts_with('(')).count());
            }
            if let Some(keyword) = self.registry.keyword(scope, name) {
                return Some(keyword.arguments.len());
            }
            if foreign::knows(place, name) {
                return Some(foreign::arguments(place, name));
            }
        }
        None
    }

    fn place(&self) -> foreign::Place {
        if self.scope == Scope::Bind { foreign::Place::Bind } else { foreign::Place::Server }
    }
}

/// Returns the name of a parameter, without what it has in parentheses.
fn name(word: &Word) -> &str {
    word.split_once('(').map_or(word, |(name, _)| name)
}

fn check_parentheses(parameter: &Parameter, word: &Word) -> Parsed {
    let name = parameter.name;
    let message = match (word.contains('('), parameter.is_parenthesised()) {
        (true, false) => format!("'{name}' takes nothing in parentheses"),
        (false, true) => format!("'{name}' needs something in parentheses"),
        _ => return Ok(()),
    };
    Err(Box::new(mistake(word.span, message).help(format!("usage: {}", parameter.usage()))))
}

fn unknown(
    scope: Scope,
    word: &Word,
    parameters: &parameter::Parameters,
    registry: &Registry,
) -> Box<Diagnostic> {
    let (place, line, other) = match scope {
        Scope::Bind => (foreign::Place::Bind, "bind", Scope::Server),
        Scope::Server | Scope::Both => (foreign::Place::Server, "server", Scope::Bind),
    };
    if foreign::knows(place, name(word)) {
        let what = format!("keyword '{}' of {line} lines", name(word));
        return foreign::refusal(place, name(word), &what, word.span);
    }
    let is_of_other = parameters.get(other, name(word)).is_some() || registry.keyword(other, word).is_some();
    if is_of_other {
        let other = if other == Scope::Bind { "bind" } else { "server" };
        let message = format!("'{}' is not allowed on a {line} line", word.text);
        return Box::new(mistake(word.span, message).help(format!("it belongs on {other} lines")));
    }
    let own = parameters.iter().filter(|entry| entry.scope.covers(scope)).map(|entry| entry.name);
    let transports = registry.keywords().filter(|keyword| keyword.scope.covers(scope));
    let known: Vec<&str> = own.chain(transports.map(|keyword| keyword.name)).collect();
    let problem = mistake(word.span, format!("unknown keyword '{}' of a {line} line", word.text));
    let of_haproxy = foreign::names(place).filter(|name| foreign::removed(place, name).is_none());
    // Of words that are equally near, one that Braid has is suggested.
    let best = nearest(name(word), known.iter().copied());
    let best = nearest(name(word), best.into_iter().chain(of_haproxy));
    match best.filter(|best| !known.contains(best)) {
        Some(best) => Box::new(problem.help(format!("HAProxy keyword '{best}' is not supported yet"))),
        None => Box::new(problem.nearest(best)),
    }
}

/// Reads the addresses of a bind line. Reports every invalid one, and returns `None` if there is any.
pub fn bind_addresses(word: &Word, surroundings: &mut Surroundings<'_>) -> Option<Vec<AddressSpec>> {
    let rules = if surroundings.any_port { Rules::BIND.with_any_port() } else { Rules::BIND };
    let parser = Parser::new(surroundings.registry, &rules);
    match parser.parse_list(word, surroundings.variables) {
        Ok(addresses) => Some(addresses),
        Err(errors) => {
            for error in errors {
                surroundings.diagnostics.push(*bad_address(word, &error));
            }
            None
        }
    }
}

/// Reads an address.
///
/// # Errors
/// Returns an error if it is not an address, or not one that `rules` allow.
pub fn address(word: &Word, rules: &Rules, surroundings: &Surroundings<'_>) -> Parsed<AddressSpec> {
    let parser = Parser::new(surroundings.registry, rules);
    parser.parse(word, surroundings.variables).map_err(|error| bad_address(word, &error))
}

/// Converts the error to a mistake at its place within the word.
fn bad_address(word: &Word, error: &AddressError) -> Box<Diagnostic> {
    let rest = error.text.get(error.offset..).unwrap_or_default();
    let length = rest.find(',').unwrap_or(rest.len()).max(1);
    let mut problem =
        mistake(word.part(error.offset, error.offset + length), format!("'{}': {}", word.text, error.kind));
    if !word.text.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        problem = Box::new(problem.help(format!("a port has a colon before it: ':{}'", word.text)));
    }
    for name in &error.unset {
        problem = Box::new(problem.help(format!("the environment variable {name} is not set")));
    }
    problem
}
