//! Steps of checks that no option uses.

use proxy_config::{Check, Configuration, Diagnostic, Diagnostics};

use crate::plan::CheckPlan;

inventory::submit! { Check { name: "steps of checks", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in configuration.backends() {
        let Some(plan) = section.get::<CheckPlan>() else { continue };
        for (keyword, option, span) in plan.unused() {
            if section.has_refused(option) {
                continue;
            }
            let message = format!("'{keyword}' has no effect without '{option}'");
            let problem = Diagnostic::warning(span, message);
            diagnostics.push(problem.help(format!("add '{option}' to the section")));
        }
    }
}
