//! `show resolvers`: what has happened with name servers.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_resolve::shown;

use super::Handle;

inventory::submit! {
    Command::new(
        &["show", "resolvers"],
        "[<section>]",
        Level::User,
        "counters of name servers",
        show_resolvers,
    )
}

fn show_resolvers(call: &mut Call<'_>) -> CommandResult {
    let sections = &call.get::<Handle>()?.resolvers;
    let name = call.argument(0);
    let is_wanted = |of: &str| name.is_empty() || of == name;
    let mut wanted = sections.iter().filter(|section| is_wanted(&section.config().name)).peekable();
    if wanted.peek().is_none() && !name.is_empty() {
        return Err(Refusal::new("Can't find that resolvers section"));
    }
    if sections.is_empty() {
        return Ok(Answer::Data("No resolvers found\n".to_owned()));
    }
    let mut text = String::new();
    for section in wanted {
        text.push_str(&format!("Resolvers section {}\n", section.config().name));
        for (server, counters) in section.servers() {
            text.push_str(&shown(&server.name, counters));
        }
    }
    Ok(Answer::Data(text))
}
