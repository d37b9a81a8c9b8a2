//! Warnings about rules that follow others but are evaluated before them: a reader may take the order of the lines for
//! that of the rules.

use proxy_config::{Diagnostic, Line};

use crate::answer::Redirects;
use crate::use_backend::UseBackends;

/// The kinds of rules that are evaluated later than a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Later {
    /// `redirect` and `use_backend`.
    Redirects,
    /// `use_backend`.
    UseBackends,
}

/// Warns of a rule that follows one of the later kinds, as HAProxy does.
pub(crate) fn check(line: &mut Line<'_, '_>, rule: &str, later: Later) {
    let has_redirects = line.section.get::<Redirects>().is_some_and(|redirects| !redirects.0.is_empty());
    let has_choices = line.section.get::<UseBackends>().is_some_and(|rules| !rules.is_empty());
    let other = match later {
        Later::Redirects if has_redirects => "redirect",
        _ if has_choices => "use_backend",
        _ => return,
    };
    warn(line, rule, other);
}

/// Warns of a rule that follows another but is evaluated before it.
pub(crate) fn warn(line: &mut Line<'_, '_>, rule: &str, other: &str) {
    let message = format!("this '{rule}' rule follows a '{other}' rule but is evaluated before it");
    line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
}

#[cfg(test)]
mod tests {
    use crate::answer::testing::read;

    #[test]
    fn rules_after_later_ones_cause_warnings() {
        let text = "backend b\nfrontend f\n  mode http\n  use_backend b if TRUE\n  redirect location /\n  http-request deny\n";
        let (_, all) = read(text);
        let said = |rule: &str, other: &str| {
            let wanted = format!("this '{rule}' rule follows a '{other}' rule");
            all.iter().any(|text| text.contains(&wanted))
        };
        assert!(said("redirect", "use_backend") && said("http-request", "redirect"), "{all:?}");
    }
}
