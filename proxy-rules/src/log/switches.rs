//! The keywords `option dontlognull`, `dontlog-normal`, `logasap` and `log-separate-errors`: which lines are written,
//! when, and with which severity.

use proxy_config::{Directive, Line, Parsed, Sense};

use super::{FRONTEND, LogPolicy, NO_CLIENTS};

fn switch(line: &mut Line<'_, '_>, field: fn(&mut LogPolicy) -> &mut bool) -> Parsed {
    *field(line.section.get_mut()) = line.sense == Sense::Plain;
    Ok(())
}

inventory::submit! {
    Directive::new("option dontlognull", "", FRONTEND, "no line for a client that sent nothing", |line| {
        switch(line, |policy| &mut policy.dont_log_null)
    })
    .negatable()
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option dontlog-normal", "", FRONTEND, "no line for a session in which nothing went wrong", |line| {
        switch(line, |policy| &mut policy.dont_log_normal)
    })
    .negatable()
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option logasap", "", FRONTEND, "log once the server is connected to, not at the end", |line| {
        switch(line, |policy| &mut policy.as_soon_as_possible)
    })
    .negatable()
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new("option log-separate-errors", "", FRONTEND, "log what went wrong under the level 'err'", |line| {
        switch(line, |policy| &mut policy.separate_errors)
    })
    .negatable()
    .idle_in(NO_CLIENTS)
}
