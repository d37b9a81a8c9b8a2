//! Warns of settings of a statistics page that have no effect.

use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Mode};

use super::settings::PageSettings;

inventory::submit! { Check { name: "statistics page", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // After an error the mode is not known: its line may not have been understood.
    if !diagnostics.is_usable() {
        return;
    }
    for section in &configuration.proxies {
        let Some(settings) = section.get::<PageSettings>() else { continue };
        let mut warn = |message: String, help: &str| {
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        };
        if settings.is_own(section.kind, &section.name.value)
            && section.values.get_or_default::<Mode>() != Mode::Http
        {
            warn(
                format!("the statistics page of {} '{}' is never served", section.kind, section.name),
                "it needs 'mode http'",
            );
        }
        if !settings.rules.is_empty() && (!settings.users.is_empty() || settings.realm.is_some()) {
            warn(
                format!(
                    "'stats auth' and 'stats realm' of {} '{}' have no effect",
                    section.kind, section.name
                ),
                "'stats http-request' says who may see the page",
            );
        }
        let exists = |name: &&String| {
            *name == "." || configuration.proxies.iter().any(|section| section.name.value == **name)
        };
        for name in settings.scope.iter().filter(|name| !exists(name)) {
            warn(
                format!("'stats scope {name}' of {} '{}' has no effect", section.kind, section.name),
                "there is no such section",
            );
        }
    }
}
