//! The steps of a check, in order, and what follows from their order.

use std::sync::Arc;

use proxy_config::{Parsed, Span, mistake};

use super::codes::StatusCodes;
use super::connect::Connect;
use super::expect::Expect;
use super::pattern::Pattern;
use super::request::HttpRequest;
use super::send::Send;
use super::{Rule, RuleKind};

/// The kind of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesetKind {
    /// Only a connection, without an option.
    Plain,
    /// Steps of `tcp-check`.
    Tcp,
    /// Steps of `http-check`: responses are those of HTTP.
    Http,
    /// Steps of a protocol that one of the files in `checks/` implements.
    Protocol,
    /// The question to an agent.
    Agent,
}

/// Steps, in the order of their lines. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RuleList(Vec<Arc<Rule>>);

impl RuleList {
    /// Returns whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the place of the first line.
    pub fn span(&self) -> Option<Span> {
        self.0.iter().find_map(|rule| rule.span)
    }

    /// Appends a step.
    #[must_use]
    pub fn then(mut self, kind: RuleKind) -> RuleList {
        self.0.push(Arc::new(Rule::new(kind)));
        self
    }

    /// Appends something to send.
    #[must_use]
    pub fn send(self, send: Send) -> RuleList {
        self.then(RuleKind::Send(Box::new(send)))
    }

    /// Appends an expectation.
    #[must_use]
    pub fn expect(self, expect: Expect) -> RuleList {
        self.then(RuleKind::Expect(Box::new(expect)))
    }

    /// Appends a line of `tcp-check`.
    ///
    /// # Errors
    /// Returns an error if a connection is opened after other steps, and none is before them.
    pub(crate) fn push_tcp(&mut self, rule: Rule) -> Parsed {
        self.check_connect(&rule, "tcp-check")?;
        self.0.push(Arc::new(rule));
        Ok(())
    }

    /// Appends a line of `http-check`.
    ///
    /// # Errors
    /// Returns an error if it cannot follow the step before it: each connection carries a request, and what is expected
    /// of its response.
    pub(crate) fn push_http(&mut self, rule: Rule) -> Parsed {
        self.check_connect(&rule, "http-check")?;
        let before = self.0.iter().rev().find(|rule| rule.kind.is_exchange());
        let missing = match (before.map(|before| &before.kind), &rule.kind) {
            (None | Some(RuleKind::Connect(_)), RuleKind::Send(_)) => None,
            (Some(_), RuleKind::Send(_)) => Some("connect"),
            (Some(RuleKind::Connect(_)), RuleKind::Expect(_)) => Some("send"),
            (Some(RuleKind::Send(_)), RuleKind::Connect(_)) => Some("expect"),
            _ => None,
        };
        if let (Some(missing), Some(span)) = (missing, rule.span) {
            let word = rule.kind.word();
            let message = format!("'http-check {word}' cannot follow the step before it");
            let help = format!("there is an 'http-check {missing}' between them");
            return Err(Box::new(mistake(span, message).help(help)));
        }
        self.0.push(Arc::new(rule));
        Ok(())
    }

    /// Refuses a connection after other steps if none is before them: it would be the second one, and the steps before
    /// it would have none.
    fn check_connect(&self, rule: &Rule, name: &str) -> Parsed {
        let (RuleKind::Connect(_), Some(span)) = (&rule.kind, rule.span) else { return Ok(()) };
        let first = self.0.iter().find(|rule| rule.kind.is_exchange());
        match first {
            Some(first) if !matches!(first.kind, RuleKind::Connect(_)) => {
                let message = format!("'{name} connect' after other steps, and none before them");
                let problem = mistake(span, message);
                let problem = problem.help("the first step is a connection if there is any");
                Err(Box::new(match first.span {
                    Some(first) => problem.related(first, "the first step"),
                    None => problem,
                }))
            }
            _ => Ok(()),
        }
    }

    /// Returns whether anything is sent.
    pub(crate) fn sends(&self) -> bool {
        self.0.iter().any(|rule| matches!(rule.kind, RuleKind::Send(_)))
    }

    /// Adds the request of `option httpchk`: it completes the first request, or is the first one itself.
    #[must_use]
    pub(crate) fn with_request(&self, request: &HttpRequest, wins: bool) -> RuleList {
        let mut rules = self.0.clone();
        let is_exchange = |rule: &&Arc<Rule>| rule.kind.is_exchange();
        let first = rules.iter().find(is_exchange).map(|rule| &rule.kind);
        let after_connect = match first {
            Some(RuleKind::Connect(_)) => {
                rules.iter().position(|rule| rule.kind.is_exchange()).map_or(0, |at| at + 1)
            }
            _ => 0,
        };
        let first_send = rules.iter().position(|rule| matches!(rule.kind, RuleKind::Send(_)));
        let http = |request| RuleKind::Send(Box::new(Send::Http(request)));
        match first_send.and_then(|at| rules.get_mut(at)) {
            Some(rule) => {
                if let RuleKind::Send(send) = &rule.kind
                    && let Send::Http(own) = &**send
                {
                    let merged = if wins { own.overridden(request) } else { request.overridden(own) };
                    let (comment, span) = (rule.comment.clone(), rule.span);
                    *rule = Arc::new(Rule { kind: http(merged), comment, span, is_implied: false });
                }
            }
            None => rules.insert(after_connect, Arc::new(Rule::implied(http(request.clone())))),
        }
        RuleList(rules)
    }

    /// Returns the rule set: a connection comes first, and the response to the last request of HTTP has to be a
    /// success unless something else is expected.
    pub fn into_ruleset(self, kind: RulesetKind) -> Ruleset {
        let RuleList(mut rules) = self;
        let last = rules.iter().rev().find(|rule| rule.kind.is_exchange());
        if kind == RulesetKind::Http && last.is_some_and(|last| matches!(last.kind, RuleKind::Send(_))) {
            let success = Expect::new(Pattern::Status(StatusCodes::successes()));
            rules.push(Arc::new(Rule::implied(RuleKind::Expect(Box::new(success)))));
        }
        let first = rules.iter().find(|rule| rule.kind.is_exchange());
        if !first.is_some_and(|first| matches!(first.kind, RuleKind::Connect(_))) {
            let connect = RuleKind::Connect(Box::new(Connect::implicit()));
            rules.insert(0, Arc::new(Rule::implied(connect)));
        }
        let steps = steps(&rules);
        Ruleset { kind, steps, disable_on_404: false, send_state: false }
    }
}

/// Returns the steps without comments: each is about the steps of one kind after it.
fn steps(rules: &[Arc<Rule>]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut comment: Option<&str> = None;
    let mut before: Option<&'static str> = None;
    let mut lines = 0;
    for rule in rules {
        // A step without a line has the number after that of the step before it. Without one before it, it is the
        // connection, which is step 0; the first line is step 1.
        let number = if rule.is_implied {
            steps.last().map_or(0, |last| last.number + 1)
        } else {
            lines += 1;
            lines
        };
        let word = rule.kind.word();
        if before.is_some_and(|before| before != "comment" && before != word) {
            comment = None;
        }
        before = Some(word);
        if let RuleKind::Comment = rule.kind {
            comment = rule.comment.as_deref();
            continue;
        }
        let told = rule.comment.as_deref().or(comment).map(Into::into);
        let comments = !matches!(rule.kind, RuleKind::Act(_));
        let head = match rule.kind {
            RuleKind::Expect(_) => head(&steps),
            _ => steps.len(),
        };
        steps.push(Step { rule: Arc::clone(rule), number, comment: told.filter(|_| comments), head });
        if matches!(rule.kind, RuleKind::Connect(_) | RuleKind::Act(_)) {
            comment = None;
        }
    }
    steps
}

/// Returns the step that is evaluated again when more bytes arrive for an expectation after these steps: the first of
/// those before it that something is *not* expected, since later bytes may be just that.
fn head(steps: &[Step]) -> usize {
    let mut head = steps.len();
    for (index, step) in steps.iter().enumerate().rev() {
        match &step.rule.kind {
            RuleKind::Expect(expect) if expect.inverse => head = index,
            RuleKind::Expect(_) | RuleKind::Act(_) | RuleKind::Comment => {}
            RuleKind::Connect(_) | RuleKind::Send(_) => break,
        }
    }
    head
}

/// A step of a rule set.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub(crate) rule: Arc<Rule>,
    /// Its number in messages; 0 for a connection without a line.
    pub(crate) number: usize,
    /// A comment for messages.
    pub(crate) comment: Option<Box<str>>,
    /// The step to return to when more bytes of a response have to arrive.
    pub(crate) head: usize,
}

/// What a check does.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// Its kind.
    pub kind: RulesetKind,
    pub(crate) steps: Vec<Step>,
    /// Whether a server that responds with 404 gets no new clients.
    pub disable_on_404: bool,
    /// Whether a server is told its own state.
    pub send_state: bool,
}

impl Ruleset {
    /// The check of servers without an option: a connection.
    pub fn plain() -> Ruleset {
        RuleList::default().into_ruleset(RulesetKind::Plain)
    }

    /// Returns the connections that it opens, in order.
    pub fn connections(&self) -> impl Iterator<Item = &Connect> {
        self.steps.iter().filter_map(|step| match &step.rule.kind {
            RuleKind::Connect(connect) => Some(&**connect),
            _ => None,
        })
    }
}
