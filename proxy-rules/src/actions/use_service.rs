//! `use-service`: a service answers the request in place of a server.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::Diagnostic;

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::service::{Service, ServiceEntry};
use crate::verdict::Verdict;

#[derive(Debug)]
struct UseService(Arc<dyn Service>);

impl Action for UseService {
    fn run(&self, _: &mut Context<'_>) -> Verdict {
        Verdict::Serve(Arc::clone(&self.0))
    }
}

inventory::submit! {
    ActionEntry::new(
        "use-service",
        "<name>",
        &[HookPoint::HttpRequest],
        "have a service answer the request, and skip the remaining rules",
        |action| {
            let word = action.word("the name of a service")?;
            if let Some(entry) = ServiceEntry::entries().find(&word.text) {
                return Ok(Box::new(UseService((entry.make)())));
            }
            let names: Vec<&str> = ServiceEntry::entries().iter().map(|entry| entry.name).collect();
            let problem = Diagnostic::alert(word.span, format!("unknown service '{}'", word.text));
            let problem = match nearest(&word.text, names.iter().copied()) {
                None if word.text.starts_with("lua.") => problem.help("there is no Lua"),
                None if names.is_empty() => problem.help("none is built into this binary"),
                None => problem.help(format!("there is {}", names.join(", "))),
                near => problem.nearest(near),
            };
            Err(Box::new(problem))
        },
    )
}
