//! `on-marked-down` and `on-marked-up` of server lines.

use proxy_config::arguments::Arguments;
use proxy_config::{Diagnostic, Parameter, Parsed, Scope, inventory};

use crate::policy::OnMarked;

/// Reads the only word that is allowed.
fn only(args: &mut Arguments<'_>, keyword: &str, known: &str) -> Parsed {
    let word = args.word(known)?;
    if word.text == known {
        return Ok(());
    }
    let problem = Diagnostic::alert(word.span, format!("unknown action '{}' of '{keyword}'", word.text));
    Err(Box::new(problem.expected(known)))
}

inventory::submit! {
    Parameter::new("on-marked-down", Scope::Server, "shutdown-sessions", "end the sessions of a server that goes down", |endpoint| {
        only(endpoint.args, "on-marked-down", "shutdown-sessions")?;
        endpoint.values.get_mut::<OnMarked>().down_ends_sessions = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("on-marked-up", Scope::Server, "shutdown-backup-sessions", "end the sessions of backup servers when this one is up", |endpoint| {
        only(endpoint.args, "on-marked-up", "shutdown-backup-sessions")?;
        endpoint.values.get_mut::<OnMarked>().up_ends_backup_sessions = true;
        Ok(())
    })
}
