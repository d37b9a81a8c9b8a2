//! The keyword `redirect`.

use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Directive, Mode, Sections};

use super::arguments::Rules;
use super::{Redirect, Redirects};
use crate::acl::{Condition, before_condition};
use crate::order::{self, Later};
use crate::points::HookPoint;
use crate::rules::Rule;

inventory::submit! {
    Directive::new(
        "redirect",
        "{location|prefix|scheme} <to> [code <code>] [<option>...] [{if|unless} <condition>]",
        Sections::PROXY,
        "answer requests by sending clients elsewhere",
        |line| {
            let points = HookPoint::HttpRequest.points(line.kind);
            let redirect = Redirect::parse(line, &Rules { points, formats: false, on_request: true });
            let redirect = before_condition(line, redirect);
            let condition = Condition::parse(line, points);
            order::check(line, "redirect", Later::UseBackends);
            if let Some(redirect) = redirect {
                line.section.get_mut::<Redirects>().0.push(Rule::new(Box::new(redirect), condition, line.span));
            }
            Ok(())
        },
    )
}

inventory::submit! { Check { name: "redirect", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in &configuration.proxies {
        let is_http = section.values.get_or_default::<Mode>() == Mode::Http;
        if section.get::<Redirects>().is_some() && !is_http && !section.has_refused("mode") {
            let message = format!("'redirect' of {} '{}' is never used", section.kind, section.name);
            diagnostics.push(Diagnostic::warning(section.span(), message).help("it is of mode tcp"));
        }
    }
}
