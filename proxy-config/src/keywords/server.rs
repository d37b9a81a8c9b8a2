//! `server`, `server-template` and `default-server`.

use std::ops::RangeInclusive;

use proto_core::address::Rules;

use crate::diagnostic::Diagnostic;
use crate::directive::{Directive, Scope};
use crate::endpoint::{DefaultServer, Server, Servers, address};
use crate::keywords::Id;
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

/// The most servers of a template.
const MOST_SERVERS: u32 = 65_535;

inventory::submit! {
    Directive::new(
        "server-template",
        "<prefix> <count>|<low>-<high> <address> [<parameter>...]",
        Sections::BACKEND,
        "servers that differ in the number at the end of their names",
        |line| {
            let prefix = line.args.word("the beginning of the names of the servers")?;
            line.surroundings.diagnostics.take(check_name(prefix));
            let expected = "the number of servers, or the first and the last number as in 1-3";
            let count = line.args.word(expected)?;
            let range = range(count).ok_or_else(|| line.args.bad(count, expected))?;
            let word = line.args.word("the address of the servers")?;
            let address = address(word, &Rules::SERVER, line.surroundings);
            let address = line.surroundings.diagnostics.take(address);
            let DefaultServer(mut parameters) = line.section.get_or_default();
            parameters.read(Scope::Server, line.parameters, &mut line.args, line.surroundings);
            let Some(address) = address else { return Ok(()) };
            let servers = line.section.get_mut::<Servers>();
            for number in range {
                let name = Spanned { value: format!("{}{number}", prefix.text), span: prefix.span };
                let (address, address_span) = (address.clone(), word.span);
                servers.0.push(Server { name, address, address_span, parameters: parameters.clone() });
                // A number that is given is that of the first server.
                parameters.values.unset::<Id>();
            }
            Ok(())
        },
    )
}

/// Reads the numbers of the servers of a template.
fn range(word: &str) -> Option<RangeInclusive<u32>> {
    let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (low, high) = match word.split_once('-') {
        Some((low, high)) => (number(low)?, number(high)?),
        None => (1, number(word)?),
    };
    (low <= high && high - low < MOST_SERVERS).then_some(low..=high)
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
