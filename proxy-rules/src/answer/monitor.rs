//! `monitor-uri`, `monitor fail`: the proxy answers requests for one address itself, with its own state.

use std::sync::Arc;

use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Mode, Section, Sections, mistake,
};
use proxy_http::Target;

use crate::acl::{Condition, Outcome, any};
use crate::context::Context;
use crate::points::Points;

/// The address for health checks of a frontend, and the conditions under which they fail.
#[derive(Clone, Debug)]
pub struct Monitor {
    uri: Arc<str>,
    fails: Vec<Arc<Condition>>,
}

#[derive(Clone, Debug)]
struct Uri {
    text: Arc<str>,
    /// Whether the section has the keyword itself. One in `defaults` has no effect in mode tcp.
    is_own: bool,
}

#[derive(Clone, Debug, Default)]
struct Fails(Vec<Arc<Condition>>);

impl Monitor {
    /// Returns the monitor of a section, if it has one.
    pub fn of(section: &Section) -> Option<Monitor> {
        let uri = section.get::<Uri>()?.text.clone();
        let fails = section.get::<Fails>().map(|Fails(fails)| fails.clone()).unwrap_or_default();
        Some(Monitor { uri, fails })
    }

    /// Returns whether a request is a health check: the target is the URI, or its path and query are. This precedes all
    /// rules.
    pub fn is_asked(&self, target: &[u8]) -> bool {
        let uri = self.uri.as_bytes();
        target == uri || (uri.starts_with(b"/") && Target::parse(target).path_and_query == uri)
    }

    /// Returns the status whose error message is the reply: 200 or 503, or 500 if a condition could not be evaluated.
    pub fn status(&self, context: &Context<'_>) -> u16 {
        match any(self.fails.iter().map(|fail| fail.outcome(context))) {
            Outcome::Known(true) => 503,
            Outcome::Known(false) | Outcome::Undetermined => 200,
            Outcome::Failed => 500,
        }
    }
}

inventory::submit! {
    Directive::new(
        "monitor-uri",
        "<uri>",
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "where the proxy is asked whether it is well",
        |line| {
            let uri = line.args.word("a URI")?;
            let is_own = line.kind != Kind::Defaults;
            line.section.set(Uri { text: uri.text.as_str().into(), is_own });
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! {
    Directive::new(
        "monitor fail",
        "{if|unless} <condition>",
        Sections::FRONTEND,
        "when the reply to monitor-uri is 503",
        |line| {
            // It precedes all rules, so in a listen section it is evaluated by the frontend, too.
            let Some(condition) = Condition::parse(line, Points::FRONT_REQUEST) else {
                let problem = mistake(line.span.after(), "'monitor fail' without a condition");
                return Err(Box::new(problem.expected("'if' or 'unless'")));
            };
            line.section.get_mut::<Fails>().0.push(Arc::new(condition));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! { Check { name: "monitor", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in configuration.frontends() {
        let fails = section.get::<Fails>().is_some();
        let (keyword, why) = match section.get::<Uri>() {
            Some(uri) if uri.is_own && section.values.get_or_default::<Mode>() != Mode::Http => {
                ("monitor-uri", "it is of mode tcp")
            }
            None if fails => ("monitor fail", "it has no monitor-uri"),
            _ => continue,
        };
        let message = format!("'{keyword}' of {} '{}' is never used", section.kind, section.name);
        diagnostics.push(Diagnostic::warning(section.span(), message).help(why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::testing::{read, read_well, with_context};

    #[test]
    fn it_is_asked_by_path_or_by_all_of_the_target() {
        let configuration = read_well(
            "defaults\n mode http\n monitor-uri /up\nfrontend a\nfrontend b\n monitor-uri http://b/up\n",
        );
        let asked = |section: usize| {
            let monitor = Monitor::of(&configuration.proxies[section]).unwrap();
            ["/up", "http://b/up", "http://c/up", "/up?x", "/up/", "*"]
                .map(|target| monitor.is_asked(target.as_bytes()))
        };
        assert_eq!(asked(0), [true, true, true, false, false, false]);
        assert_eq!(asked(1), [false, true, false, false, false, false]);
        assert!(Monitor::of(&read_well("frontend f\n").proxies[0]).is_none());
    }

    #[test]
    fn any_condition_makes_it_fail() {
        let lines = " monitor-uri /up\n monitor fail if { path /a }\n monitor fail unless { path /a /b }\n";
        let configuration = read_well(&format!("frontend f\n mode http\n{lines}"));
        let monitor = Monitor::of(&configuration.proxies[0]).unwrap();
        let status = |target| with_context(target, false, |context| monitor.status(context));
        assert_eq!(["/a", "/b", "/c"].map(status), [503, 200, 503]);
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (text, expected) in [
            ("frontend f\nmonitor-uri\n", "2:11-11: missing argument after 'monitor-uri': expected a URI"),
            (
                "frontend f\nmonitor fail\n",
                "2:12-12: 'monitor fail' without a condition: expected 'if' or 'unless'",
            ),
            (
                "frontend f\nmonitor-uri /up\n",
                "1:9-10: 'monitor-uri' of frontend 'f' is never used: it is of mode tcp",
            ),
            (
                "frontend f\nmonitor fail if TRUE\n",
                "1:9-10: 'monitor fail' of frontend 'f' is never used: it has no monitor-uri",
            ),
            (
                "defaults\nmonitor fail if TRUE\n",
                "2:0-12: 'monitor fail' is not allowed in a defaults section: it is allowed in frontend, listen",
            ),
            (
                "backend b\nmonitor-uri /up\n",
                "2:0-11: 'monitor-uri' is ignored in a backend section: it has an effect in defaults, frontend, listen",
            ),
        ] {
            assert_eq!(read(text).1, [expected], "{text}");
        }
    }
}
