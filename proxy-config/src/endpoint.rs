//! Bind and server lines: an address and the parameters behind it.

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

/// What the parameters of a line said.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// What transports get.
    pub settings: Settings,
    /// What the rest of the program was told.
    pub values: Values,
    /// The transports' keywords among them. Each has to mean something to the protocol that is used in the end.
    pub keywords: Vec<Spanned<&'static str>>,
}

/// A `bind` line.
#[derive(Clone, Debug)]
pub struct Bind {
    /// Where the line stands: its addresses.
    pub span: Span,
    /// Where to listen.
    pub addresses: Vec<AddressSpec>,
    /// How.
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
    /// Where it is.
    pub address: AddressSpec,
    /// Where that stands.
    pub address_span: Span,
    /// How it is reached, `default-server` included.
    pub parameters: Parameters,
}

/// The `server` lines of a section.
#[derive(Clone, Debug, Default)]
pub struct Servers(pub Vec<Server>);

/// What `default-server` lines said.
#[derive(Clone, Debug, Default)]
pub struct DefaultServer(pub Parameters);

impl Parameters {
    /// Reads all that is left of a line. `scope` is [`Scope::Bind`] or [`Scope::Server`].
    ///
    /// # Errors
    /// The first mistake.
    pub fn read(
        &mut self,
        scope: Scope,
        known: &parameter::Parameters,
        args: &mut Arguments<'_>,
        surroundings: &mut Surroundings<'_>,
    ) -> Parsed {
        while let Some(word) = args.take() {
            args.behind(&word.text);
            if let Some(parameter) = known.get(scope, name(word)) {
                check_parentheses(parameter, word)?;
                (parameter.parse)(&mut Endpoint {
                    word,
                    span: word.span,
                    args,
                    settings: &mut self.settings,
                    values: &mut self.values,
                    surroundings,
                })?;
            } else if let Some(keyword) = surroundings.registry.keyword(scope, word) {
                let Keyword { name, arguments, optional, help, apply, .. } = *keyword;
                let usage = Usage { name, arguments, optional, help };
                registered::apply(&usage, word, args, |words| apply(&mut self.settings, words))?;
                self.keywords.push(Spanned { value: keyword.name, span: word.span });
            } else {
                return Err(unknown(scope, word, known, surroundings.registry));
            }
        }
        Ok(())
    }

    /// The first keyword that means nothing to a protocol and to the layers around it: it would be ignored.
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

/// What a word is called, without what it has in parentheses.
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
        let message = format!("HAProxy keyword '{}' of {line} lines is not supported yet", name(word));
        return mistake(word.span, message);
    }
    let stands_there = parameters.get(other, name(word)).is_some() || registry.keyword(other, word).is_some();
    if stands_there {
        let other = if other == Scope::Bind { "bind" } else { "server" };
        let message = format!("'{}' cannot stand on a {line} line", word.text);
        return Box::new(mistake(word.span, message).help(format!("it belongs on {other} lines")));
    }
    let own = parameters.iter().filter(|entry| entry.scope.covers(scope));
    let transports = registry.keywords().filter(|keyword| keyword.scope.covers(scope));
    let known: Vec<&str> =
        own.map(|entry| entry.name).chain(transports.map(|keyword| keyword.name)).collect();
    let problem = mistake(word.span, format!("unknown keyword '{}' of a {line} line", word.text));
    Box::new(problem.nearest(nearest(word, known)))
}

/// Reads the addresses of a bind line.
///
/// # Errors
/// The first bad one; further ones are told at once.
pub fn bind_addresses(word: &Word, surroundings: &mut Surroundings<'_>) -> Parsed<Vec<AddressSpec>> {
    let rules = if surroundings.any_port { Rules::BIND.with_any_port() } else { Rules::BIND };
    let parser = Parser::new(surroundings.registry, &rules);
    parser.parse_list(word, surroundings.variables).map_err(|errors| {
        let mut mistakes = errors.into_iter().map(|error| bad_address(word, &error));
        let first = mistakes.next().unwrap_or_else(|| mistake(word.span, "no address"));
        mistakes.for_each(|mistake| surroundings.diagnostics.push(*mistake));
        first
    })
}

/// Reads the address of a place.
///
/// # Errors
/// When it is none, or none that may stand there.
pub fn address(word: &Word, rules: &Rules, surroundings: &Surroundings<'_>) -> Parsed<AddressSpec> {
    let parser = Parser::new(surroundings.registry, rules);
    parser.parse(word, surroundings.variables).map_err(|error| bad_address(word, &error))
}

/// The mistake, at its place within the word.
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
