//! The keyword `option forwarded`.

use std::sync::Arc;

use proxy_config::{Diagnostic, Directive, Kind, Line, Parsed, Sections, Sense};

use super::{ForwardedField, Node, Origin};
use crate::expression::Expression;
use crate::points::Points;
use crate::text::Text;

inventory::submit! {
    Directive::new(
        "option forwarded",
        "[proto] [host|host-expr <expr>] [by|by-expr <expr>] [by_port|by_port-expr <expr>] [for|for-expr <expr>] \
         [for_port|for_port-expr <expr>]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "tell servers in Forwarded who the client is, what it connected to, and what for",
        forwarded,
    )
    .negatable()
    .idle_in(Sections::only(Kind::Frontend))
}

fn forwarded(line: &mut Line<'_, '_>) -> Parsed {
    if line.sense != Sense::Plain {
        line.section.set(Option::<Arc<ForwardedField>>::None);
        return Ok(());
    }
    let mut field = ForwardedField::default();
    let (mut names, mut ports) = ([None, None], [None, None]);
    if line.args.peek().is_none() {
        field.tells_protocol = true;
        names[1] = Some(Origin::Own);
    }
    while let Some(word) = line.args.take() {
        match &*word.text {
            "proto" => field.tells_protocol = true,
            "host" => field.host = Some(Origin::Own),
            "host-expr" => field.host = Some(expression(line)?),
            "by" => names[0] = Some(Origin::Own),
            "by-expr" => names[0] = Some(expression(line)?),
            "by_port" => ports[0] = Some((word.span, Origin::Own)),
            "by_port-expr" => ports[0] = Some((word.span, expression(line)?)),
            "for" => names[1] = Some(Origin::Own),
            "for-expr" => names[1] = Some(expression(line)?),
            "for_port" => ports[1] = Some((word.span, Origin::Own)),
            "for_port-expr" => ports[1] = Some((word.span, expression(line)?)),
            _ => {
                let message = format!("unexpected '{}' after the option", word.text);
                let problem = Diagnostic::alert(word.span, message);
                return Err(Box::new(
                    problem
                        .expected("proto, or host, by, by_port, for, for_port, or one of those with '-expr'"),
                ));
            }
        }
    }
    let [by, sender] = names;
    let [by_port, sender_port] = ports;
    field.receiver = node(line, "by", by, by_port);
    field.sender = node(line, "for", sender, sender_port);
    line.section.set(Some(Arc::new(field)));
    Ok(())
}

fn expression(line: &mut Line<'_, '_>) -> Parsed<Origin> {
    let word = line.args.word("an expression")?;
    let expression = Expression::parse(Text::of(word), Points::BACK_REQUEST, line.surroundings)?;
    Ok(Origin::Expression(expression))
}

/// Reads the options of a node. A port without a name has no effect.
fn node(
    line: &mut Line<'_, '_>,
    what: &str,
    name: Option<Origin>,
    port: Option<(proxy_config::Span, Origin)>,
) -> Option<Node> {
    if let (None, Some((span, _))) = (&name, &port) {
        let message = format!("this port has no effect without '{what}' or '{what}-expr'");
        line.surroundings.diagnostics.push(Diagnostic::warning(*span, message));
    }
    Some(Node { name: name?, port: port.map(|(_, port)| port) })
}
