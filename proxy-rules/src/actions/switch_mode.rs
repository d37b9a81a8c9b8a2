//! `switch-mode`: continues the connection in mode http.

use proxy_config::{Diagnostic, Kind};

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::rules::SectionRules;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SwitchMode {
    only_http1: bool,
}

impl Action for SwitchMode {
    /// If the connection is in mode http already, the remaining content rules are skipped, as in HAProxy.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        match context.request_bytes {
            Some(_) => Verdict::BecomeHttp { only_http1: self.only_http1 },
            None => Verdict::Accept,
        }
    }

    fn reads_request(&self) -> bool {
        false
    }
}

inventory::submit! {
    ActionEntry::new(
        "switch-mode",
        "http [proto h1]",
        &[HookPoint::TcpRequest],
        "go on as a connection of HTTP",
        |action| {
            if action.line.kind == Kind::Backend {
                return Err(action.mistake("'switch-mode' is not allowed in a backend: it is about clients' connections"));
            }
            action.line.args.one_of(&[("http", ())])?;
            let only_http1 = action.take_word("proto");
            if only_http1 {
                let word = action.word("the name of a protocol")?;
                let problem = match &*word.text {
                    "h1" => None,
                    "h2" => Some("'proto h2' is not supported yet: HTTP/2 is not built in".to_owned()),
                    other => Some(format!("unknown protocol '{other}'")),
                };
                if let Some(message) = problem {
                    return Err(Box::new(Diagnostic::alert(word.span, message).expected("h1")));
                }
            }
            action.line.section.get_mut::<SectionRules>().switches_mode = true;
            Ok(Box::new(SwitchMode { only_http1 }))
        },
    )
}
