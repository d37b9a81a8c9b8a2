//! Answers requests for the statistics page.

use std::sync::Arc;
use std::time::Duration;

use proxy_config::Section;
use proxy_engine::commands::Handle;
use proxy_http::{Method, Request, Target};
use proxy_rules::{Answer, Context, PageEntry, Served, Service, ServiceCall, Verdict};
use uuid::Uuid;

use super::html::{self, Heading};
use super::orders::{Order, Outcome};
use super::origin::Origin;
use super::query::{Asked, Query};
use super::settings::{PageSettings, Shown};
use super::{credentials, settings};
use crate::forms::{Form, schema};
use crate::process::Process;
use crate::selection::{Selection, proxies};

inventory::submit! {
    PageEntry { name: "statistics", of: page }
}

fn page(section: &Section) -> Option<Arc<dyn Service>> {
    let settings = section.get::<PageSettings>()?.clone();
    let token = Uuid::new_v4().simple().to_string();
    Some(Arc::new(StatisticsPage { section: section.name.value.clone(), settings, token }))
}

/// The statistics page of a section.
#[derive(Debug)]
struct StatisticsPage {
    section: String,
    settings: PageSettings,
    /// What the form of the page has to hold. No other site can know it.
    token: String,
}

impl Service for StatisticsPage {
    fn name(&self) -> &'static str {
        "<STATS>"
    }

    fn is_asked(&self, request: &Request) -> bool {
        matches!(request.method(), Method::Get | Method::Head | Method::Post)
            && self.target(request).starts_with(self.settings.uri.as_bytes())
    }

    fn wants_body(&self, request: &Request) -> bool {
        request.method() == Method::Post && !self.settings.admin.is_empty()
    }

    fn answer(&self, context: &mut Context<'_>, call: ServiceCall<'_>) -> Served {
        match self.settings.rules.run(context) {
            Verdict::Continue | Verdict::Accept => {}
            Verdict::Answer { answer, denies } => return Served::Answer { answer, denies },
            Verdict::Error { status, denies } => return Served::Error { status, denies },
            // A condition could not be evaluated.
            _ => return Served::failed(500),
        }
        let is_admin = matches!(self.settings.admin.run(context), Verdict::Accept);
        let Some(request) = context.request.as_deref() else {
            return Served::failed(500);
        };
        let PageSettings { users, rules, realm, .. } = &self.settings;
        if rules.is_empty() && !users.is_empty() && !credentials::is_known(request, users) {
            return Served::denying(challenge(realm.as_deref()));
        }
        let facts = call.facts.and_then(|facts| Some((facts.get::<Handle>()?, facts.get::<Process>()?)));
        let Some((engine, process)) = facts else {
            // The program is starting.
            return Served::failed(503);
        };
        if request.method() == Method::Post {
            let outcome = match is_admin {
                true => self.order(request, call.body, engine),
                false => Outcome::Denied,
            };
            return self.redirect(outcome);
        }
        let query = Query::read(&self.target(request)[self.settings.uri.len()..]);
        let answer = self.page(&query, engine, process, is_admin);
        Served::with(answer)
    }
}

impl StatisticsPage {
    /// Returns the part of a request's target that the address is compared with.
    fn target<'r>(&self, request: &'r Request) -> &'r [u8] {
        match self.settings.uri.starts_with('/') {
            true => Target::parse(request.target()).path_and_query,
            false => request.target(),
        }
    }

    /// Does what the form of a request orders.
    fn order(&self, request: &Request, body: &[u8], engine: &Handle) -> Outcome {
        let length = request.fields().get(b"content-length");
        if length.is_some_and(|length| length != body.len().to_string().as_bytes()) {
            return Outcome::TooLong;
        }
        let Some(order) = Order::read(body) else { return Outcome::Unknown };
        match Origin::of(request) {
            Origin::Other => Outcome::Denied,
            Origin::Same if order.token != self.token => Outcome::Denied,
            Origin::Same | Origin::Unsaid => order.carry_out(engine),
        }
    }

    /// Returns the reply that leads back to the page.
    fn redirect(&self, outcome: Outcome) -> Served {
        let location = format!("{};st={}", self.settings.uri, outcome.code());
        let fields = [
            ("cache-control", "no-cache"),
            ("content-type", "text/plain; charset=utf-8"),
            ("location", &*location),
        ];
        Served::with(Answer::made(303, &fields, Vec::new()))
    }

    fn page(&self, query: &Query, engine: &Handle, process: &Process, is_admin: bool) -> Answer {
        let selection = self.selection(query);
        let (content_type, body) = match query.asked {
            Asked::Page => {
                ("text/html; charset=utf-8", self.html(query, &selection, engine, process, is_admin))
            }
            Asked::Schema => ("application/json", schema::schema()),
            Asked::Form(form) => (
                match form {
                    Form::Json { .. } => "application/json",
                    Form::Csv | Form::Typed { .. } => "text/plain; charset=utf-8",
                },
                written(form, &selection, engine),
            ),
        };
        let refresh = self.refresh(query).map(|time| time.as_secs().to_string());
        let mut fields = vec![
            ("cache-control", "no-cache"),
            ("content-type", content_type),
            ("x-content-type-options", "nosniff"),
        ];
        if query.asked == Asked::Page {
            fields.push(("content-security-policy", html::POLICY));
            fields.push(("referrer-policy", "same-origin"));
        }
        if let Some(refresh) = &refresh {
            fields.push(("refresh", refresh));
        }
        Answer::made(200, &fields, body.into_bytes())
    }

    fn refresh(&self, query: &Query) -> Option<Duration> {
        self.settings.refresh.filter(|_| !query.no_refresh)
    }

    fn selection(&self, query: &Query) -> Selection {
        let own = |name: &String| if name == "." { self.section.clone() } else { name.clone() };
        let scope: Vec<String> = self.settings.scope.iter().map(own).collect();
        Selection {
            sections: (!scope.is_empty()).then_some(scope),
            part: query.part.clone(),
            bounds: None,
            without_maintenance: query.without_maintenance,
            only_up: query.only_up,
            legends: self.settings.shows_legends,
        }
    }

    fn html(
        &self,
        query: &Query,
        selection: &Selection,
        engine: &Handle,
        process: &Process,
        is_admin: bool,
    ) -> String {
        let PageSettings { uri, node, description, hides_version, .. } = &self.settings;
        let shown = |setting: &Option<Shown>, own: &Option<String>| match setting {
            None => None,
            Some(Shown::OfProcess) => own.clone(),
            Some(Shown::Text(text)) => Some(text.clone()),
        };
        let heading = Heading {
            uri,
            version: (!hides_version).then_some(process.version),
            node: shown(node, &process.node),
            description: shown(description, &process.description),
            refresh: self.refresh(query),
            can_refresh: self.settings.refresh.is_some(),
            query,
            process,
            token: is_admin.then_some(&self.token),
        };
        html::page(&heading, selection, engine)
    }
}

/// Returns all objects in a form for programs.
fn written(form: Form, selection: &Selection, engine: &Handle) -> String {
    let mut text = form.head();
    let mut is_first = true;
    for proxy in proxies(engine).iter().filter(|proxy| selection.has(proxy)) {
        for subject in selection.subjects(proxy) {
            text.push_str(&form.object(&subject, is_first));
            is_first = false;
        }
    }
    text.push_str(form.end());
    text
}

/// Returns the reply that asks a user to log in.
pub(super) fn challenge(realm: Option<&str>) -> Answer {
    let realm = realm.unwrap_or(settings::DEFAULT_REALM).replace(['"', '\\'], "'");
    let value = format!("Basic realm=\"{realm}\", charset=\"UTF-8\"");
    let fields = [
        ("cache-control", "no-cache"),
        ("content-type", "text/plain; charset=utf-8"),
        ("www-authenticate", &*value),
    ];
    let body = b"401 Unauthorized: a user name and a password are needed.\n".to_vec();
    Answer::made(401, &fields, body)
}
