//! `nameserver`: a server that is asked about names.

use proto_core::address::{AddressSpec, Rules};
use proxy_config::endpoint::address;
use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections, Span, Spanned, inventory, mistake};

/// A name server of a section.
#[derive(Clone, Debug)]
pub struct NameServerLine {
    /// Its name.
    pub name: Spanned<String>,
    /// Its address.
    pub address: AddressSpec,
    /// The place of the address, or that of the line that names a file with it.
    pub span: Span,
}

/// The name servers of a section, in order.
#[derive(Clone, Debug, Default)]
pub struct NameServers(pub Vec<NameServerLine>);

inventory::submit! {
    Directive::new(
        "nameserver",
        "<name> <address>",
        Sections::RESOLVERS,
        "a server that is asked about names, by UDP unless the address says otherwise",
        name_server,
    )
}

fn name_server(line: &mut Line<'_, '_>) -> Parsed {
    let name = line.args.word("the name of the server")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_');
    if let Some(bad) = name.chars().find(|c| !is_allowed(*c)) {
        let message = format!("character {bad:?} is not allowed in the name '{}'", name.text);
        line.surroundings.diagnostics.push(Diagnostic::alert(name.span, message));
    }
    let word = line.args.word("the address of the server, with its port")?;
    let address = address(word, &Rules::NAME_SERVER, line.surroundings)?;
    if let Some(word) = line.args.peek() {
        let message = "parameters of name servers are not supported yet";
        return Err(mistake(word.span, message));
    }
    let servers = line.section.get_mut::<NameServers>();
    if let Some(other) = servers.0.iter().find(|other| other.name.value == name.text) {
        let message = format!("nameserver '{}' is declared twice", name.text);
        let problem = Diagnostic::alert(name.span, message);
        return Err(Box::new(problem.related(other.name.span, "first")));
    }
    let name = Spanned { value: name.text.clone(), span: name.span };
    servers.0.push(NameServerLine { name, address, span: word.span });
    Ok(())
}
