//! `enable`, `disable dynamic-cookie backend` and `set dynamic-cookie-key backend`: the cookies that are made of the
//! addresses of servers.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal, Severity};

use super::Handle;
use crate::Backend;
use crate::upstream::dynamic_cookies::DynamicCookies;

inventory::submit! {
    Command::new(
        &["enable", "dynamic-cookie", "backend"],
        "<backend>",
        Level::Admin,
        "give the servers of a backend cookies made of their addresses",
        |call| enable(call, true),
    )
}

inventory::submit! {
    Command::new(
        &["disable", "dynamic-cookie", "backend"],
        "<backend>",
        Level::Admin,
        "take the cookies made of addresses from the servers of a backend",
        |call| enable(call, false),
    )
}

inventory::submit! {
    Command::new(
        &["set", "dynamic-cookie-key", "backend"],
        "<backend> <key>",
        Level::Admin,
        "change the key of the cookies made of addresses",
        |call| {
            let (backend, key) = (backend(call)?, call.argument(1));
            if key.is_empty() {
                return Err(Refusal::new("String value expected."));
            }
            backend.dynamic_cookies().set_key(backend.servers(), key);
            Ok(answer(backend))
        },
    )
}

fn enable(call: &mut Call<'_>, on: bool) -> CommandResult {
    let backend = backend(call)?;
    backend.dynamic_cookies().enable(backend.servers(), on);
    Ok(answer(backend))
}

/// Warns of equal cookies.
fn answer(backend: &Backend) -> Answer {
    let mistake = DynamicCookies::mistake(backend.servers());
    mistake.map_or(Answer::Nothing, |mistake| Answer::Message(Severity::Warning, mistake))
}

fn backend<'c>(call: &Call<'c>) -> Result<&'c Arc<Backend>, Refusal> {
    let name = call.argument(0);
    if name.is_empty() {
        return Err(Refusal::new("A backend name is expected."));
    }
    call.get::<Handle>()?.backend(name).ok_or_else(|| Refusal::new("No such backend."))
}
