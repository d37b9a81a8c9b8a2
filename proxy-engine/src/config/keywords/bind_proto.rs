//! `proto` of bind lines.

use proxy_config::endpoint::Binds;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Mode, Parameter, Scope, inventory};

use crate::policy::BindProto;

inventory::submit! {
    Parameter::new("proto", Scope::Bind, "h1|none", "protocol that connections may carry", |endpoint| {
        let word = endpoint.args.word("the name of a protocol")?;
        let message = match &*word.text {
            "h1" => {
                endpoint.values.set(BindProto::Http1);
                return Ok(());
            }
            "none" => {
                endpoint.values.set(BindProto::Tcp);
                return Ok(());
            }
            name @ ("h2" | "quic" | "fcgi" | "spop") => format!("HAProxy protocol '{name}' is not supported yet"),
            name => format!("unknown protocol '{name}'"),
        };
        Err(Box::new(Diagnostic::alert(word.span, message).expected("h1 or none")))
    })
}

inventory::submit! { Check { name: "bind proto", run: check } }

/// Refuses protocols that the mode of the frontend does not support, as HAProxy does.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for frontend in configuration.frontends() {
        let mode: Mode = frontend.values.get_or_default();
        for bind in frontend.get::<Binds>().into_iter().flat_map(|binds| &binds.0) {
            let (name, needed) = match bind.parameters.values.get() {
                Some(BindProto::Http1) => ("h1", Mode::Http),
                Some(BindProto::Tcp) => ("none", Mode::Tcp),
                _ => continue,
            };
            if mode != needed {
                let (kind, own) = (frontend.kind, mode.name());
                let message = format!(
                    "'proto {name}' cannot be used in {kind} '{}', which is of mode {own}",
                    frontend.name
                );
                diagnostics.push(Diagnostic::alert(bind.span, message));
            }
        }
    }
}
