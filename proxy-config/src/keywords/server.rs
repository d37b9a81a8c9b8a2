//! `server` and `default-server`.

use proto_core::address::Rules;

use crate::diagnostic::Diagnostic;
use crate::directive::{Directive, Scope};
use crate::endpoint::{DefaultServer, Server, Servers, address};
use crate::reader::check_name;
use crate::section::Sections;
use crate::source::Spanned;

inventory::submit! {
    Directive::new("server", "<name> <address> [<parameter>...]", Sections::BACKEND, "a server", |line| {
        let name = line.args.word("the name of the server")?;
        line.surroundings.diagnostics.take(check_name(name));
        let word = line.args.word("the address of the server")?;
        let address = address(word, &Rules::SERVER, line.surroundings);
        let address = line.surroundings.diagnostics.take(address);
        let DefaultServer(mut parameters) = line.section.get_or_default();
        parameters.read(Scope::Server, line.parameters, &mut line.args, line.surroundings);
        let name = Spanned { value: name.text.clone(), span: name.span };
        if let Some(address) = address {
            let server = Server { name, address, address_span: word.span, parameters };
            line.section.get_mut::<Servers>().0.push(server);
        }
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "default-server",
        "<parameter>...",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "parameters of the servers after it",
        |line| {
            if line.args.is_empty() {
                let problem = Diagnostic::warning(line.span, "'default-server' without parameters has no effect");
                line.surroundings.diagnostics.push(problem);
            }
            let DefaultServer(parameters) = line.section.get_mut();
            parameters.read(Scope::Server, line.parameters, &mut line.args, line.surroundings);
            Ok(())
        },
    )
    .idle_in(Sections::only(crate::section::Kind::Frontend))
}
