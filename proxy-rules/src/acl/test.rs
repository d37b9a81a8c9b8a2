//! A test: an expression, a match and its patterns. `hdr(host) -i -m end .example.com`
//!
//! ```text
//!  path_beg          the fetch `path`, the match `beg`
//!  path,lower -m beg an expression, and a match by its name
//!  src               an expression, and the match of its type
//! ```

use proxy_config::directive::Surroundings;
use proxy_config::foreign::Place;
use proxy_config::{Diagnostic, Parsed};

use crate::acl::patterns::read_file;
use crate::context::Context;
use crate::expression::{Expression, Source};
use crate::fetch::FetchEntry;
use crate::inputs::word;
use crate::lookup::unknown;
use crate::matching::{Match, MatchEntry, Pattern, Patterns};
use crate::points::Points;
use crate::sample::Type;
use crate::text::Text;

/// Matches that HAProxy has besides ours.
const FOREIGN: [&str; 1] = ["bin"];

/// A test.
#[derive(Debug)]
pub(crate) struct Test {
    expression: Expression,
    takes: Type,
    matching: Box<dyn Match>,
}

impl Test {
    /// When it can be evaluated.
    pub(crate) fn points(&self) -> Points {
        self.expression.points()
    }

    /// Its expression.
    pub(crate) fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether it comes to ask the ACL of a name.
    pub(crate) fn asks(&self, acl: &str) -> bool {
        self.expression.asks(acl)
    }

    /// Whether one of the samples fits.
    pub(crate) fn holds(&self, context: &Context<'_>) -> bool {
        self.expression.each(context, &mut |sample| {
            sample.cast(self.takes).is_some_and(|sample| self.matching.matches(&sample))
        })
    }

    /// Whether one of the samples fits; `None` while none does and that may change. One that fits is not waited for: as in
    /// HAProxy `req.len gt 5` and `req.len eq 0` both hold as soon as they do.
    pub(crate) fn outcome(&self, context: &Context<'_>) -> Option<bool> {
        if self.holds(context) {
            return Some(true);
        }
        (!self.expression.is_undetermined(context)).then_some(false)
    }

    /// Reads all words of a line or between braces.
    ///
    /// # Errors
    /// When they are no test.
    pub(crate) fn parse(words: &[Text<'_>], surroundings: &mut Surroundings<'_>) -> Parsed<Test> {
        let [first, rest @ ..] = words else { unreachable!("whoever calls has looked for a first word") };
        let (expression, derived) = subject(first, surroundings)?;
        let mut options = Options::default();
        let patterns = options.read(rest)?;

        // A converter gives something else than the fetch whose match it was.
        let own = derived.filter(|_| !expression.is_converted());
        let chosen = match &options.matching {
            Some((entry, _)) => *entry,
            None => own.map_or_else(|| of_type(&expression, first), Ok)?,
        };
        if let Some(lost) = derived.filter(|lost| lost.name != chosen.name) {
            let message = format!("the match '{}' of '{}' is not used", lost.name, name(first));
            let problem = Diagnostic::warning(first.span(), message);
            surroundings.diagnostics.push(problem.help(format!("it is the match '{}' that is", chosen.name)));
        }
        if !expression.gives().casts_to(chosen.takes) {
            let message = format!(
                "the match '{}' takes type {}, and '{}' gives type {}",
                chosen.name,
                chosen.takes,
                expression.name(),
                expression.gives(),
            );
            let span = options.matching.map_or(first.span(), |(_, span)| span);
            return Err(Box::new(Diagnostic::alert(span, message)));
        }

        let mut list = Vec::new();
        for file in &options.files {
            list.extend(read_file(file)?);
        }
        let count = patterns.len() + options.files.len();
        list.extend(
            patterns.iter().map(|text| Pattern { text: text.as_str().to_owned(), span: text.span() }),
        );
        if chosen.patterns.is_empty() {
            if let Some(pattern) = patterns.first() {
                let message = format!("patterns mean nothing to the match '{}'", chosen.name);
                surroundings.diagnostics.push(Diagnostic::warning(pattern.span(), message));
            }
        } else if count == 0 && !options.is_ended && options.matching.is_none() {
            let message = format!("'{}' without patterns never holds", name(first));
            let help =
                "'-m found' asks whether it is there, '-m bool' whether it is not 0; '--' if this is meant";
            surroundings.diagnostics.push(Diagnostic::warning(first.span().behind(), message).help(help));
        }
        let matching = (chosen.make)(&Patterns { list, ignore_case: options.ignore_case })?;
        Ok(Test { expression, takes: chosen.takes, matching })
    }
}

/// The name with which a test begins.
fn name<'a>(first: &Text<'a>) -> &'a str {
    word(first, &mut 0)
}

/// The expression of a test; with the match, if both are one word.
fn subject(
    first: &Text<'_>,
    surroundings: &Surroundings<'_>,
) -> Parsed<(Expression, Option<&'static MatchEntry>)> {
    let mut at = 0;
    let name = word(first, &mut at);
    let derived = derived(name).filter(|_| FetchEntry::find(name).is_none());
    let (expression, entry) = match derived {
        Some((fetch, entry)) => {
            (Expression::behind(Source::Own(fetch), name, first, &mut at, surroundings)?, Some(entry))
        }
        None => {
            at = 0;
            let read = Expression::read(first, &mut at, surroundings);
            (read.map_err(|problem| better(problem, name, first, surroundings))?, None)
        }
    };
    if at < first.as_str().len() {
        let message = format!("unexpected '{}' behind an expression", &first.as_str()[at..]);
        return Err(first.mistake(at, first.as_str().len(), message));
    }
    Ok((expression, entry))
}

/// A word made of a fetch and a match.
pub(crate) fn derived(name: &str) -> Option<(&'static FetchEntry, &'static MatchEntry)> {
    let (fetch, entry) = name.rsplit_once('_')?;
    let entry = MatchEntry::find(entry).filter(|entry| entry.suffix && entry.name != "str")?;
    let fetch = inventory::iter::<FetchEntry>.into_iter().find(|own| own.derived == Some(fetch))?;
    Some((fetch, entry))
}

/// All words made of a fetch and a match.
fn derived_words() -> impl Iterator<Item = String> {
    let matches = || MatchEntry::all().filter(|entry| entry.suffix && entry.name != "str");
    let fetches = inventory::iter::<FetchEntry>.into_iter().filter_map(|entry| entry.derived);
    fetches.flat_map(move |fetch| matches().map(move |entry| format!("{fetch}_{}", entry.name)))
}

/// What is wrong with a name that is no fetch: words made of a fetch and a match are near it, too, and some are made of
/// a fetch that only HAProxy has.
fn better(
    problem: proxy_config::Mistake,
    name: &str,
    first: &Text<'_>,
    surroundings: &Surroundings<'_>,
) -> proxy_config::Mistake {
    if !problem.message.starts_with("unknown fetch") {
        return problem;
    }
    let derived: Vec<String> = derived_words().collect();
    let known = Source::names(surroundings).chain(derived.iter().map(String::as_str));
    let problem = unknown("fetch", name, first.part(0, name.len()), Some(Place::Fetch), known);
    let Some((fetch, entry)) = name.rsplit_once('_') else { return problem };
    let is_match = MatchEntry::find(entry).is_some() || FOREIGN.contains(&entry);
    if is_match && proxy_config::foreign::knows(Place::Fetch, fetch) && FetchEntry::find(fetch).is_none() {
        let message = format!("HAProxy fetch '{fetch}' is not supported yet");
        return first.mistake(0, fetch.len(), message);
    }
    problem
}

/// The match for samples of a type.
fn of_type(expression: &Expression, first: &Text<'_>) -> Parsed<&'static MatchEntry> {
    let name = match expression.gives() {
        Type::Bool => "bool",
        Type::Integer => "int",
        Type::Ip => "ip",
        Type::Text => "str",
        Type::Method => "meth",
        kind @ (Type::Any | Type::Binary) => {
            let message =
                format!("'{}' gives a value of type {kind}: say how to compare it", expression.name());
            let known: Vec<&str> = MatchEntry::all().map(|entry| entry.name).collect();
            let problem = Diagnostic::alert(first.span(), message);
            return Err(Box::new(problem.expected(format!("'-m' and one of {}", known.join(", ")))));
        }
    };
    match MatchEntry::find(name) {
        Some(entry) => Ok(entry),
        None => unreachable!("'{name}' is one of ours"),
    }
}

/// What stands before the patterns.
#[derive(Default)]
struct Options<'a> {
    ignore_case: bool,
    matching: Option<(&'static MatchEntry, proxy_config::Span)>,
    files: Vec<Text<'a>>,
    /// `--`
    is_ended: bool,
}

impl<'a> Options<'a> {
    /// Reads them, and gives what is left: the patterns.
    fn read<'w>(&mut self, mut words: &'w [Text<'a>]) -> Parsed<&'w [Text<'a>]> {
        while let [option, rest @ ..] = words
            && option.as_str().starts_with('-')
        {
            let argument = |what: &str| {
                rest.first().copied().ok_or_else(|| {
                    let message = format!("'{}' ends too early", option.as_str());
                    Box::new(Diagnostic::alert(option.span().behind(), message).expected(what))
                })
            };
            words = rest;
            match option.as_str() {
                "-i" => self.ignore_case = true,
                // Names are never resolved.
                "-n" => {}
                "-f" => {
                    self.files.push(argument("the name of a file")?);
                    words = &rest[1..];
                }
                "-m" => {
                    self.matching(option, argument("the name of a match")?)?;
                    words = &rest[1..];
                }
                "--" => {
                    self.is_ended = true;
                    break;
                }
                flag @ ("-M" | "-u") => {
                    let message = format!("HAProxy flag '{flag}' of ACLs is not supported yet");
                    return Err(Box::new(Diagnostic::alert(option.span(), message)));
                }
                flag => {
                    let problem = Diagnostic::alert(option.span(), format!("unknown flag '{flag}'"));
                    return Err(Box::new(problem.help("'--' before patterns that begin with '-'")));
                }
            }
        }
        Ok(words)
    }

    fn matching(&mut self, option: &Text<'_>, name: Text<'_>) -> Parsed {
        if !self.files.is_empty() || self.matching.is_some() {
            let message = "'-m' may stand there once, and before '-f'";
            return Err(Box::new(Diagnostic::alert(option.span(), message)));
        }
        if FOREIGN.contains(&name.as_str()) {
            let message = format!("HAProxy match '{}' is not supported yet", name.as_str());
            return Err(Box::new(Diagnostic::alert(name.span(), message)));
        }
        let entry = MatchEntry::find(name.as_str()).ok_or_else(|| {
            let known = MatchEntry::all().map(|entry| entry.name);
            unknown("match", name.as_str(), name.span(), None, known)
        })?;
        self.matching = Some((entry, name.span()));
        Ok(())
    }
}
