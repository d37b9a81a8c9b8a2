//! `set-proxy-v2-tlv-fmt`: values of a PROXY header of version 2, made by formats.

use std::sync::Arc;

use proxy_config::endpoint::Servers;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Parameter, Scope, mistake};
use proxy_rules::format::{LayerFormat, LayerFormats};
use proxy_rules::{Format, Points, Style, Text};

use crate::proxy_protocol::kind;
use crate::send_proxy::writes_v2;

const NAME: &str = "set-proxy-v2-tlv-fmt";

inventory::submit! {
    Parameter::new(
        NAME,
        Scope::Server,
        "(<id>) [<format>]",
        "a value of that type in PROXY headers of version 2",
        |endpoint| {
            let (id, span) = endpoint.parenthesised()?;
            let number = kind::number(id).ok_or_else(|| {
                let message = format!("invalid value '{id}' for '{NAME}'");
                Box::new(mistake(span, message).expected("the type of a value, a number from 0 to 255"))
            })?;
            let format = match endpoint.args.take() {
                Some(word) => {
                    let text = Text::of(word);
                    let format = Format::parse_in(text, Points::SERVER, Style::PLAIN, endpoint.surroundings)?;
                    if format.names("s") {
                        return Err(mistake(word.span, "'%s' is not known before a server is chosen"));
                    }
                    format
                }
                // As in HAProxy, a missing format makes an empty value.
                None => Format::default(),
            };
            let format = LayerFormat { number, format: Arc::new(format), span: endpoint.span };
            endpoint.values.get_mut::<LayerFormats>().0.push(format);
            Ok(())
        },
    )
}

inventory::submit! { Check { name: NAME, run: check } }

/// Reports formats on lines whose servers get no header that could have their values. Formats of `default-server`
/// may be for servers that do.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let servers = configuration.backends().filter_map(|section| section.get::<Servers>());
    for server in servers.flat_map(|servers| &servers.0) {
        let values = &server.parameters.values;
        let Some(LayerFormats(formats)) = values.get().filter(|_| !writes_v2(values)) else { continue };
        let line = server.address_span;
        let own =
            formats.iter().find(|format| (format.span.file, format.span.line) == (line.file, line.line));
        if let Some(own) = own {
            let message = format!("'{NAME}' has no effect without 'send-proxy-v2'");
            diagnostics.push(Diagnostic::warning(own.span, message));
        }
    }
}
