//! Checks that need the whole configuration: rules of `defaults` that both frontends and backends inherit, and rules of
//! HTTP in sections of mode tcp.

use std::collections::BTreeMap;

use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Mode, Section, Span};

use super::{SectionRules, may_become_http};

inventory::submit! { Check { name: "rules", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    check_defaults(configuration, diagnostics);
    let mut users: BTreeMap<(Span, &str), [Option<&Section>; 2]> = BTreeMap::new();
    for section in &configuration.proxies {
        let Some(rules) = section.get::<SectionRules>().filter(|rules| !rules.is_empty()) else { continue };
        let is_http = section.values.get_or_default::<Mode>() == Mode::Http || section.has_refused("mode");
        if rules.has_http() && !is_http && !may_become_http(section, configuration) {
            let message = format!(
                "the HTTP rules of {} '{}' are never used: it is of mode tcp",
                section.kind, section.name
            );
            diagnostics.push(Diagnostic::warning(section.span(), message));
        }
        let Some(defaults) = rules.defaults() else { continue };
        let sides = users.entry((defaults.span, &defaults.value)).or_default();
        for (side, is_one) in [section.kind.is_frontend(), section.kind.is_backend()].into_iter().enumerate()
        {
            if is_one {
                sides[side].get_or_insert(section);
            }
        }
    }
    for ((span, name), sides) in users {
        let [Some(front), Some(back)] = sides else { continue };
        let message = match std::ptr::eq(front, back) {
            true => format!("a listen section cannot inherit the rules of defaults '{name}'"),
            false => format!("rules of defaults '{name}' cannot be inherited by both frontends and backends"),
        };
        let problem = Diagnostic::alert(back.span(), message);
        diagnostics.push(problem.related(span, "a rule there"));
    }
}

fn check_defaults(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in &configuration.defaults {
        let rules = section.get::<SectionRules>();
        let Some(from) = rules.and_then(|rules| rules.inherited_by(&section.name.value)) else { continue };
        let message =
            format!("a defaults section cannot inherit from defaults '{}', which has rules", from.value);
        diagnostics.push(Diagnostic::alert(section.span(), message).related(from.span, "a rule there"));
    }
}
