//! Tests: an expression, a match and its patterns, as in `hdr(host) -i -m end .example.com`.
//!
//! ```text
//!  path_beg          the fetch `path`, the match `beg`
//!  path,lower -m beg an expression, and a match by its name
//!  src               an expression, and the match of its type
//! ```

use proxy_config::directive::Surroundings;
use proxy_config::foreign::{Place, knows, refusal};
use proxy_config::{Diagnostic, Mistake, Parsed};

use crate::acl::outcome::Outcome;
use crate::acl::patterns::{matching, read_file};
use crate::context::Context;
use crate::expression::{Expression, Reading, Source, last_of};
use crate::fetch::FetchEntry;
use crate::inputs::word;
use crate::lookup::unknown;
use crate::matching::{Comparison, MatchEntry, Pattern, Patterns};
use crate::points::Points;
use crate::sample::Type;
use crate::text::Text;

/// An expression, a match and its patterns.
#[derive(Debug)]
pub(crate) struct Test {
    expression: Expression,
    takes: Type,
    matching: Box<dyn Comparison>,
}

impl Test {
    /// Returns when the test can be evaluated.
    pub(crate) fn points(&self) -> Points {
        self.expression.points()
    }

    /// Returns the expression.
    pub(crate) fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Returns whether the test refers to the ACL with this name, directly or not.
    pub(crate) fn asks(&self, acl: &str) -> bool {
        self.expression.asks(acl)
    }

    /// Returns whether one of the samples matches. One that does settles it, whatever the others are.
    pub(crate) fn outcome(&self, context: &Context<'_>) -> Outcome {
        let mut failed = false;
        // A sample may be missing because a converter has failed.
        let ((holds, may_hold), is_missing) = context.watched(|| {
            let holds = self.expression.each(context, &mut |sample| {
                let sample = sample.cast(self.takes);
                let fits = sample.map_or(Ok(false), |sample| self.matching.compare(&sample, &context.regex));
                failed |= fits.is_err();
                fits == Ok(true)
            });
            // A test that does not match may do so once more bytes have arrived.
            (holds, !holds && !context.is_final && self.expression.is_undetermined(context))
        });
        match (holds, failed || is_missing) {
            (true, _) => Outcome::Known(true),
            (false, true) => Outcome::Failed,
            (false, false) if may_hold => Outcome::Undetermined,
            (false, false) => Outcome::Known(false),
        }
    }

    /// Reads all words of a line, or those between braces.
    ///
    /// # Errors
    /// Returns an error if the words are not a test. Of several mistakes, the others are reported directly.
    pub(crate) fn parse(words: &[Text<'_>], surroundings: &mut Surroundings<'_>) -> Parsed<Test> {
        let [first, rest @ ..] = words else { unreachable!("the caller has checked for a first word") };
        let (Reading { expression, mut problems }, derived) = subject(first, surroundings);
        let mut options = Options::default();
        // What follows in parentheses that a blank has divided is neither a flag nor a pattern.
        let is_divided = first.as_str().contains('(') && !first.as_str().contains(')');
        let end = rest.iter().position(|word| word.as_str().ends_with(')')).filter(|_| is_divided);
        let patterns = options.read(&rest[end.map_or(0, |end| end + 1)..], &mut problems);
        // It is not known how something that was not understood is compared.
        let is_sound = problems.is_empty();
        let expression = expression.filter(|one| is_sound || one.gives() != Type::Any && !options.is_refused);
        options.is_ended |= !is_sound;
        let test = expression
            .map(|expression| Test::of(expression, derived, &options, patterns, first, surroundings));
        match test {
            Some(Ok(test)) if problems.is_empty() => return Ok(test),
            Some(Err(problem)) => problems.push(problem),
            Some(Ok(_)) | None => {}
        }
        match last_of(problems, surroundings) {
            Some(problem) => Err(problem),
            None => unreachable!("an expression that was not understood has a mistake"),
        }
    }

    /// Creates the test of an expression.
    fn of(
        expression: Expression,
        derived: Option<&'static MatchEntry>,
        options: &Options<'_>,
        patterns: &[Text<'_>],
        first: &Text<'_>,
        surroundings: &mut Surroundings<'_>,
    ) -> Parsed<Test> {
        // The result of a converter is not what the match of the fetch was made for.
        let own = derived.filter(|_| !expression.is_converted());
        let chosen = match &options.matching {
            Some((entry, _)) => *entry,
            None => own.map_or_else(|| of_type(&expression, first), Ok)?,
        };
        if let Some(lost) = derived.filter(|lost| lost.suffix && lost.name != chosen.name) {
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
        list.extend(patterns.iter().map(|text| Pattern {
            text: text.as_str().to_owned(),
            span: text.span(),
            line: None,
        }));
        if chosen.patterns.is_empty() {
            if let Some(pattern) = patterns.first() {
                let message = format!("patterns have no effect with the match '{}'", chosen.name);
                surroundings.diagnostics.push(Diagnostic::warning(pattern.span(), message));
            }
        } else if count == 0 && !options.is_ended && options.matching.is_none() {
            let message = format!("'{}' without patterns never holds", name(first));
            let help =
                "'-m found' asks whether it is there, '-m bool' whether it is not 0; '--' if this is meant";
            surroundings.diagnostics.push(Diagnostic::warning(first.span().after(), message).help(help));
        }
        let matching = {
            let patterns = Patterns { list, ignore_case: options.ignore_case };
            matching(chosen, patterns, &options.files, surroundings)?
        };
        Ok(Test { expression, takes: chosen.takes, matching })
    }
}

/// Returns the name with which a test begins.
fn name<'a>(first: &Text<'a>) -> &'a str {
    word(first, &mut 0)
}

/// Reads the expression of a test, together with the match if both are one word or the fetch has its own.
fn subject(first: &Text<'_>, surroundings: &Surroundings<'_>) -> (Reading, Option<&'static MatchEntry>) {
    let mut at = 0;
    let name = word(first, &mut at);
    if name.is_empty() {
        return (Expression::read(first, &mut 0, surroundings), None);
    }
    let both = derived(name).filter(|_| FetchEntry::find(name).is_none());
    let (source, entry, problem) = match (both, Source::find(name, surroundings)) {
        (Some((fetch, entry)), _) => (Ok(Source::Own(fetch)), Some(entry), None),
        (None, Some(source)) => {
            let own = FetchEntry::find(name).and_then(|entry| entry.matching);
            (Ok(source), own, None)
        }
        (None, None) => {
            let problem = nameless(name, first, surroundings);
            // Continue with what was probably meant.
            match problem.nearest.as_deref().and_then(derived) {
                Some((fetch, entry)) => (Ok(Source::Own(fetch)), Some(entry), Some(problem)),
                None => (Err(problem), None, None),
            }
        }
    };
    let mut reading = Expression::after_name(source, name, first, &mut at, surroundings);
    reading.problems.extend(problem);
    if at < first.as_str().len() && reading.expression.is_some() {
        let message = format!("unexpected '{}' after an expression", &first.as_str()[at..]);
        reading.problems.push(first.mistake(at, first.as_str().len(), message));
    }
    (reading, entry)
}

/// Splits a word made of a fetch and a match, such as `path_beg`.
pub(crate) fn derived(name: &str) -> Option<(&'static FetchEntry, &'static MatchEntry)> {
    let (fetch, entry) = name.rsplit_once('_')?;
    let entry = MatchEntry::find(entry).filter(|entry| entry.suffix && entry.name != "str")?;
    let fetch = inventory::iter::<FetchEntry>.into_iter().find(|own| own.derived == Some(fetch))?;
    Some((fetch, entry))
}

/// Returns all words made of a fetch and a match.
fn derived_words() -> impl Iterator<Item = String> {
    let matches = || MatchEntry::all().filter(|entry| entry.suffix && entry.name != "str");
    let fetches = inventory::iter::<FetchEntry>.into_iter().filter_map(|entry| entry.derived);
    fetches.flat_map(move |fetch| matches().map(move |entry| format!("{fetch}_{}", entry.name)))
}

/// Describes a name that is not a fetch. Words made of a fetch and a match may be near it, too, and some are made of a
/// fetch that only HAProxy has.
fn nameless(name: &str, first: &Text<'_>, surroundings: &Surroundings<'_>) -> Mistake {
    if let Some((fetch, entry)) = name.rsplit_once('_')
        && MatchEntry::find(entry).is_some()
        && knows(Place::Fetch, fetch)
        && FetchEntry::find(fetch).is_none()
    {
        return refusal(Place::Fetch, fetch, &format!("fetch '{fetch}'"), first.part(0, fetch.len()));
    }
    let derived: Vec<String> = derived_words().collect();
    let known = Source::names(surroundings).chain(derived.iter().map(String::as_str));
    unknown("fetch", name, first.part(0, name.len()), Some(Place::Fetch), known)
}

/// Returns the default match for the type of an expression.
fn of_type(expression: &Expression, first: &Text<'_>) -> Parsed<&'static MatchEntry> {
    let name = match expression.gives() {
        Type::Bool => "bool",
        Type::Integer => "int",
        Type::Ip | Type::Ipv4 => "ip",
        Type::Text => "str",
        Type::Method => "meth",
        kind @ (Type::Any | Type::Binary) => {
            let message =
                format!("'{}' gives a value of type {kind}: say how to compare it", expression.name());
            let known: Vec<&str> = MatchEntry::to_choose().map(|entry| entry.name).collect();
            let problem = Diagnostic::alert(first.span(), message);
            return Err(Box::new(problem.expected(format!("'-m' and one of {}", known.join(", ")))));
        }
    };
    match MatchEntry::find(name) {
        Some(entry) => Ok(entry),
        None => unreachable!("'{name}' is one of ours"),
    }
}

/// The flags before the patterns.
#[derive(Default)]
struct Options<'a> {
    ignore_case: bool,
    matching: Option<(&'static MatchEntry, proxy_config::Span)>,
    files: Vec<Text<'a>>,
    /// Whether `--` has ended the flags, so that no patterns are meant; or a mistake makes it unknown.
    is_ended: bool,
    /// Whether there is a flag for a match that is not known.
    is_refused: bool,
}

impl<'a> Options<'a> {
    /// Reads the flags, and returns the remaining words: the patterns.
    fn read<'w>(&mut self, mut words: &'w [Text<'a>], problems: &mut Vec<Mistake>) -> &'w [Text<'a>] {
        while let [option, rest @ ..] = words
            && option.as_str().starts_with('-')
        {
            words = rest;
            match option.as_str() {
                "-i" => self.ignore_case = true,
                // Names are never resolved in any case.
                "-n" => {}
                "--" => {
                    self.is_ended = true;
                    break;
                }
                flag @ ("-f" | "-m" | "-M" | "-u") => {
                    let has_argument = flag != "-M";
                    let argument = rest.first().filter(|_| has_argument).copied();
                    words = &rest[usize::from(argument.is_some())..];
                    problems.extend(self.flag(flag, option, argument).err());
                }
                flag => {
                    let problem = Diagnostic::alert(option.span(), format!("unknown flag '{flag}'"));
                    problems.push(Box::new(problem.help("'--' before patterns that begin with '-'")));
                }
            }
        }
        words
    }

    /// Reads a flag that has an argument, or that only HAProxy has.
    fn flag(&mut self, flag: &str, option: &Text<'a>, argument: Option<Text<'a>>) -> Parsed {
        let needed = |what: &str| {
            argument.ok_or_else(|| {
                let message = format!("missing argument after '{flag}'");
                Box::new(Diagnostic::alert(option.span().after(), message).expected(what))
            })
        };
        match flag {
            "-f" => self.files.push(needed("the name of a file")?),
            "-m" => {
                let matching = needed("the name of a match").and_then(|name| self.matching(option, name));
                self.is_refused |= matching.is_err();
                matching?;
            }
            _ => {
                let message = format!("HAProxy flag '{flag}' of ACLs is not supported yet");
                return Err(Box::new(Diagnostic::alert(option.span(), message)));
            }
        }
        Ok(())
    }

    fn matching(&mut self, option: &Text<'_>, name: Text<'_>) -> Parsed {
        if !self.files.is_empty() || self.matching.is_some() {
            let message = "'-m' is allowed only once, and before '-f'";
            return Err(Box::new(Diagnostic::alert(option.span(), message)));
        }
        let entry = MatchEntry::find(name.as_str()).filter(|entry| entry.chosen).ok_or_else(|| {
            let known = MatchEntry::to_choose().map(|entry| entry.name).collect::<Vec<_>>();
            let problem = unknown("match", name.as_str(), name.span(), None, known.iter().copied());
            match problem.nearest {
                Some(_) => problem,
                None => Box::new(problem.expected(format!("one of {}", known.join(", ")))),
            }
        })?;
        self.matching = Some((entry, name.span()));
        Ok(())
    }
}
