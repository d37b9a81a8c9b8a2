//! Expressions: a fetch and the converters after it, as in `req.hdr(host),lower`.

use proto_core::extension;
use proto_core::extension::{SampleType, Side, Value};
use proxy_config::directive::Surroundings;
use proxy_config::foreign::Place;
use proxy_config::{Diagnostic, Mistake, Parsed};

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::{Inputs, parentheses, word};
use crate::lookup::unknown;
use crate::points::{Need, Points};
use crate::sample::{Sample, Type};
use crate::text::Text;

/// A fetch and its converters.
#[derive(Debug)]
pub struct Expression {
    fetch: Box<dyn Fetch>,
    steps: Vec<Step>,
    name: String,
    needs: Need,
    gives: Type,
}

#[derive(Debug)]
struct Step {
    takes: Type,
    converter: Box<dyn Converter>,
}

impl Expression {
    /// Reads a whole text as an expression.
    ///
    /// # Errors
    /// Returns an error if the text is not an expression, or cannot be evaluated at these points. Of several mistakes,
    /// the others are reported directly.
    pub fn parse(text: Text<'_>, points: Points, surroundings: &mut Surroundings<'_>) -> Parsed<Expression> {
        let mut at = 0;
        let expression = Expression::read(&text, &mut at, surroundings).one(surroundings)?;
        if at < text.as_str().len() {
            let message = format!("unexpected '{}' after an expression", &text.as_str()[at..]);
            return Err(text.mistake(at, text.as_str().len(), message));
        }
        expression.check(&text, 0, points)?;
        Ok(expression)
    }

    /// Reads the expression at a position, and advances the position to its end.
    pub(crate) fn read(text: &Text<'_>, at: &mut usize, surroundings: &Surroundings<'_>) -> Reading {
        let begin = *at;
        let name = word(text, at);
        if name.is_empty() {
            let (rest, span) = (&text.as_str()[*at..], text.part(*at, *at + 1));
            let problem = match rest {
                "" => Diagnostic::alert(span, "expected an expression"),
                rest => Diagnostic::alert(span, format!("expected an expression, not '{rest}'")),
            };
            return Reading::failed(Box::new(match rest.starts_with("%[") {
                true => problem.help("here it is written without '%[' and ']'"),
                false => problem,
            }));
        }
        let span = text.part(begin, *at);
        let source = Source::find(name, surroundings)
            .ok_or_else(|| unknown("fetch", name, span, Some(Place::Fetch), Source::names(surroundings)));
        Expression::after_name(source, name, text, at, surroundings)
    }

    /// Reads what follows the name of a fetch: its arguments, and converters. An unknown name is read as the one that
    /// was probably meant, to find the other mistakes.
    pub(crate) fn after_name(
        source: Parsed<Source>,
        name: &str,
        text: &Text<'_>,
        at: &mut usize,
        surroundings: &Surroundings<'_>,
    ) -> Reading {
        let mut problems = Vec::new();
        let source = source.map_or_else(
            |problem| {
                let near = problem.nearest.as_deref().and_then(|near| Source::find(near, surroundings));
                problems.push(problem);
                near
            },
            Some,
        );
        let begin = *at;
        let items = match parentheses(text, at) {
            Ok(items) => items,
            Err(problem) => {
                problems.push(problem);
                return Reading { expression: None, problems };
            }
        };
        let mut inputs = Inputs::new(format!("'{name}'"), &items, text.part(begin, *at).after());
        inputs.surroundings = Some(surroundings);
        let fetch = source.map(|source| match source {
            Source::Own(entry) => (entry.make)(&mut inputs),
            Source::Transport(sample) => Ok(Box::new(Transport(sample)) as Box<dyn Fetch>),
        });
        let fetch: Box<dyn Fetch> = match fetch {
            Some(Ok(fetch)) => {
                problems.extend(inputs.end().err());
                fetch
            }
            Some(Err(problem)) => {
                problems.push(problem);
                Box::new(Nothing)
            }
            None => Box::new(Nothing),
        };
        let gives = source.map_or(Type::Any, Source::gives);
        let needs = source.map_or(Need::Nothing, Source::needs);
        let mut expression = Expression { fetch, steps: Vec::new(), name: name.to_owned(), needs, gives };
        while text.as_str()[*at..].starts_with(',') {
            *at += 1;
            if !expression.converter(text, at, &mut problems) {
                return Reading { expression: None, problems };
            }
        }
        Reading { expression: Some(expression), problems }
    }

    /// Reads a converter, and returns whether what follows can be read.
    fn converter(&mut self, text: &Text<'_>, at: &mut usize, problems: &mut Vec<Mistake>) -> bool {
        let begin = *at;
        let name = word(text, at);
        let span = text.part(begin, *at);
        if name.is_empty() {
            problems.push(text.mistake(begin, begin + 1, "expected a converter after the comma"));
            return false;
        }
        let entry = ConverterEntry::find(name).or_else(|| {
            let known = ConverterEntry::all().map(|entry| entry.name);
            let problem = unknown("converter", name, span, Some(Place::Converter), known);
            let near = problem.nearest.as_deref().and_then(ConverterEntry::find);
            problems.push(problem);
            near
        });
        let open = *at;
        let items = match parentheses(text, at) {
            Ok(items) => items,
            Err(problem) => {
                problems.push(problem);
                return false;
            }
        };
        let Some(entry) = entry else {
            // Its type is not known, so nothing is reported about what takes it.
            self.gives = Type::Any;
            return true;
        };
        if !self.gives.casts_to(entry.takes) {
            let message = format!("'{name}' takes type {}, and gets type {}", entry.takes, self.gives);
            problems.push(Box::new(Diagnostic::alert(span, message)));
        }
        let mut inputs = Inputs::new(format!("'{name}'"), &items, text.part(open, *at).after());
        match (entry.make)(&mut inputs) {
            Ok(converter) => {
                problems.extend(inputs.end().err());
                self.steps.push(Step { takes: entry.takes, converter });
            }
            Err(problem) => problems.push(problem),
        }
        self.gives = entry.gives;
        true
    }

    /// Reads the converters in a separate word, which is an old syntax.
    pub(crate) fn more_converters(&mut self, text: &Text<'_>, surroundings: &mut Surroundings<'_>) -> Parsed {
        let (mut at, mut problems) = (0, Vec::new());
        while self.converter(text, &mut at, &mut problems) {
            if at == text.as_str().len() {
                break;
            }
            if !text.as_str()[at..].starts_with(',') {
                problems.push(text.mistake(at, text.as_str().len(), "expected a comma"));
                break;
            }
            at += 1;
        }
        last_of(problems, surroundings).map_or(Ok(()), Err)
    }

    /// Returns whether a word after an expression begins with a converter.
    pub(crate) fn is_converter(text: &Text<'_>) -> bool {
        ConverterEntry::find(word(text, &mut 0)).is_some()
    }

    /// Checks that the expression can be evaluated at these points. It begins at an offset of the text.
    pub(crate) fn check(&self, text: &Text<'_>, begin: usize, points: Points) -> Parsed {
        if self.fetch.is_of_checks() && !points.contains(Points::CHECK) {
            let message = "a variable of the scope 'check' exists in health checks only";
            return Err(text.mistake(begin, text.as_str().len(), message));
        }
        if self.points().intersects(points) {
            return Ok(());
        }
        let message = format!("'{}' needs {}, which is not there at this point", self.name, self.needs);
        Err(text.mistake(begin, begin + self.name.len(), message))
    }

    /// Returns the name of the fetch as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the fetch needs.
    pub fn needs(&self) -> Need {
        self.needs
    }

    /// Returns when the expression can be evaluated.
    pub fn points(&self) -> Points {
        self.needs.points()
    }

    /// Returns the type of the sample.
    pub fn gives(&self) -> Type {
        self.gives
    }

    /// Returns whether there are converters.
    pub(crate) fn is_converted(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Returns whether the expression refers to the ACL with this name, directly or not.
    pub(crate) fn asks(&self, acl: &str) -> bool {
        self.fetch.asks(acl)
    }

    /// Returns whether the expression looks at the connection to the server.
    pub(crate) fn reads_server(&self) -> bool {
        self.fetch.reads_server()
    }

    /// Returns whether the expression looks at the request.
    pub fn reads_request(&self) -> bool {
        self.needs.is_of_request() || self.fetch.reads_request()
    }

    /// Returns whether the value changes until the session or exchange ends.
    pub(crate) fn tells_end(&self) -> bool {
        self.fetch.tells_end()
    }

    /// Returns whether the fetch cannot determine the value yet, and no converter can either.
    pub(crate) fn is_undetermined(&self, context: &Context<'_>) -> bool {
        if context.request_is_coming && self.needs.is_of_request() {
            return true;
        }
        if !self.fetch.is_undetermined(context) {
            return false;
        }
        let mut sample = self.fetch.get(context);
        for Step { takes, converter } in &self.steps {
            let Some(taken) = sample.and_then(|sample| sample.cast(*takes)) else { return true };
            if !converter.may_change(&taken) {
                return false;
            }
            sample = converter.convert(taken, context);
        }
        true
    }

    /// Returns the sample; of several occurrences, the one that the fetch prefers.
    pub fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        self.convert(self.fetch.get(context)?, context)
    }

    /// Calls `visit` with every occurrence until it returns `true`; returns whether it did.
    pub fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        if self.steps.is_empty() {
            return self.fetch.each(context, visit);
        }
        self.fetch.each(context, &mut |sample| self.convert(sample, context).is_some_and(&mut *visit))
    }

    fn convert<'c>(&'c self, mut sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        for Step { takes, converter } in &self.steps {
            sample = converter.convert(sample.cast(*takes)?, context)?;
        }
        Some(sample)
    }
}

/// The result of reading an expression: all mistakes in it, and the expression as far as it was understood.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) expression: Option<Expression>,
    pub(crate) problems: Vec<Mistake>,
}

impl Reading {
    fn failed(problem: Mistake) -> Reading {
        Reading { expression: None, problems: vec![problem] }
    }

    /// Returns the expression, or a mistake; the others are reported.
    pub(crate) fn one(self, surroundings: &mut Surroundings<'_>) -> Parsed<Expression> {
        match (last_of(self.problems, surroundings), self.expression) {
            (None, Some(expression)) => Ok(expression),
            (Some(problem), _) => Err(problem),
            (None, None) => unreachable!("an expression that was not understood has a mistake"),
        }
    }
}

/// Returns the last of some mistakes; the others are reported.
pub(crate) fn last_of(mut problems: Vec<Mistake>, surroundings: &mut Surroundings<'_>) -> Option<Mistake> {
    let last = problems.pop();
    problems.into_iter().for_each(|problem| surroundings.diagnostics.push(*problem));
    last
}

/// Replaces a fetch that could not be created.
#[derive(Debug)]
struct Nothing;

impl Fetch for Nothing {
    fn get<'c>(&'c self, _: &'c Context<'_>) -> Option<Sample<'c>> {
        None
    }
}

/// The source of the samples of a name.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// A fetch of this program.
    Own(&'static FetchEntry),
    /// A sample of a transport or a layer.
    Transport(extension::SampleFetch),
}

impl Source {
    /// Returns the source with this name.
    pub(crate) fn find(name: &str, surroundings: &Surroundings<'_>) -> Option<Source> {
        match FetchEntry::find(name) {
            Some(entry) => Some(Source::Own(entry)),
            None => surroundings.registry.sample(name).copied().map(Source::Transport),
        }
    }

    /// Returns all names, including those of transports and layers.
    pub(crate) fn names<'s>(surroundings: &'s Surroundings<'_>) -> impl Iterator<Item = &'s str> {
        let own = FetchEntry::all()
            .flat_map(|entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied()));
        own.chain(surroundings.registry.samples().map(|sample| sample.name))
    }

    fn gives(self) -> Type {
        match self {
            Source::Own(entry) => entry.gives,
            Source::Transport(sample) => match sample.gives {
                SampleType::Bool => Type::Bool,
                SampleType::Integer | SampleType::Duration => Type::Integer,
                SampleType::Ip => Type::Ip,
                SampleType::Text => Type::Text,
            },
        }
    }

    fn needs(self) -> Need {
        match self {
            Source::Own(entry) => entry.needs,
            Source::Transport(sample) => match sample.side {
                Side::Client => Need::Client,
                Side::Server => Need::Server,
            },
        }
    }
}

/// A sample of a transport or a layer. Durations are in milliseconds.
#[derive(Debug)]
struct Transport(extension::SampleFetch);

impl Fetch for Transport {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let connection = match self.0.side {
            Side::Client => context.session.client(),
            Side::Server => context.session.server()?,
        };
        (self.0.fetch)(&connection).map(sample_of)
    }

    fn reads_server(&self) -> bool {
        self.0.side == Side::Server
    }

    fn tells_end(&self) -> bool {
        true
    }
}

/// Converts a value of a transport to a sample.
pub(crate) fn sample_of(value: Value) -> Sample<'static> {
    let number = |value: u64| Sample::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    match value {
        Value::Bool(value) => Sample::Bool(value),
        Value::Integer(value) => number(value),
        Value::Duration(value) => number(u64::try_from(value.as_millis()).unwrap_or(u64::MAX)),
        Value::Ip(ip) => Sample::Ip(ip),
        Value::Text(text) => Sample::Text(text.into_bytes().into()),
    }
}
