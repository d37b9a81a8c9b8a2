//! How the servers of a section are checked: the option that says so, and the steps of `tcp-check` and `http-check`.
//!
//! A section inherits all of it from its defaults. Its own steps replace those of the defaults, as does its own option;
//! the request of an inherited `option httpchk` stays, so that a section may say only what it expects of the response.

use std::sync::Arc;

use proxy_config::{Kind, Line, Parsed, Span};
use proxy_rules::HookPoint;

use crate::rules::{HttpRequest, RuleList, Ruleset, RulesetKind, read_line};

/// The kind of check that an option chooses.
#[derive(Clone, Debug)]
pub enum Choice {
    /// The steps of `tcp-check`.
    Tcp,
    /// The steps of `http-check`, with a request.
    Http(HttpRequest),
    /// The steps of a protocol.
    Protocol(Arc<Ruleset>),
    /// A command.
    External,
}

impl Choice {
    /// Creates the check of a protocol.
    pub(crate) fn protocol(rules: RuleList) -> Choice {
        Choice::Protocol(Arc::new(rules.into_ruleset(RulesetKind::Protocol)))
    }
}

/// How the servers of a section are checked.
#[derive(Clone, Debug, Default)]
pub struct CheckPlan {
    choice: Option<Choice>,
    tcp: Steps,
    http: Steps,
    /// Whether `option httpchk` comes after steps of its section: what it sets then wins.
    request_wins: bool,
    /// Whether `option httpchk` is inherited.
    request_inherited: bool,
    disable_on_404: bool,
    send_state: bool,
    /// The kind and the name of the section that has changed the plan last.
    owner: Option<(Kind, String)>,
}

/// Steps of one kind.
#[derive(Clone, Debug, Default)]
struct Steps {
    rules: RuleList,
    /// Whether they are inherited.
    inherited: bool,
}

impl Steps {
    /// Returns the steps of the section itself.
    fn own(&mut self) -> &mut RuleList {
        if std::mem::take(&mut self.inherited) {
            self.rules = RuleList::default();
        }
        &mut self.rules
    }
}

impl CheckPlan {
    /// Returns the plan of the section of a line, for changes.
    pub(crate) fn of<'s>(line: &'s mut Line<'_, '_>) -> &'s mut CheckPlan {
        let (kind, name) = (line.kind, line.name);
        let plan = line.section.get_mut::<CheckPlan>();
        let is_owner = matches!(&plan.owner, Some((own, owner)) if *own == kind && owner == name);
        if !is_owner {
            (plan.tcp.inherited, plan.http.inherited, plan.request_inherited) = (true, true, true);
            plan.owner = Some((kind, name.to_owned()));
        }
        plan
    }

    /// Sets the kind of check.
    pub(crate) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Tcp => {
                self.tcp.own();
            }
            Choice::Http(_) => {
                self.request_wins = !self.http.own().is_empty();
                self.request_inherited = false;
            }
            Choice::Protocol(_) | Choice::External => {}
        }
        self.choice = Some(choice);
    }

    /// Returns the kind of check, if an option has chosen one.
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// Makes a server that responds with 404 get no new clients.
    pub(crate) fn disable_on_404(&mut self) {
        self.disable_on_404 = true;
    }

    /// Makes requests tell the state of the server.
    pub(crate) fn send_state(&mut self) {
        self.send_state = true;
    }

    /// Returns what a check does. For a command, which does nothing of the kind, it is a connection.
    pub fn ruleset(&self) -> Ruleset {
        let ruleset = match &self.choice {
            None | Some(Choice::External) => return Ruleset::plain(),
            Some(Choice::Protocol(ruleset)) => return Ruleset::clone(ruleset),
            Some(Choice::Tcp) => self.tcp.rules.clone().into_ruleset(RulesetKind::Tcp),
            Some(Choice::Http(request)) => {
                // The request of a section's own steps has nothing of an inherited one.
                let replaces = self.request_inherited && !self.http.inherited && self.http.rules.sends();
                let none = HttpRequest::default();
                let request = if replaces { &none } else { request };
                let rules = self.http.rules.with_request(request, self.request_wins);
                rules.into_ruleset(RulesetKind::Http)
            }
        };
        Ruleset { disable_on_404: self.disable_on_404, send_state: self.send_state, ..ruleset }
    }

    /// Returns the steps of this section that no option uses: their keyword, the option, and their place.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (&'static str, &'static str, Span)> {
        let tcp = (&self.tcp, "tcp-check", "option tcp-check", matches!(self.choice, Some(Choice::Tcp)));
        let is_http = matches!(self.choice, Some(Choice::Http(_)));
        let http = (&self.http, "http-check", "option httpchk", is_http);
        [tcp, http].into_iter().filter_map(|(steps, keyword, option, is_used)| {
            let span = steps.rules.span().filter(|_| !is_used && !steps.inherited)?;
            Some((keyword, option, span))
        })
    }
}

/// Reads a step of `tcp-check` or `http-check`, and appends it.
pub(crate) fn read_step(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed {
    let rule = read_line(line, hook)?;
    let plan = CheckPlan::of(line);
    match hook {
        HookPoint::HttpCheck => plan.http.own().push_http(rule),
        _ => plan.tcp.own().push_tcp(rule),
    }
}
