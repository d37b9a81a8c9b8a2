//! `%f`, `%ft`, `%b`, `%s`: the frontend, the backend and the server.

use super::simple::alias;

/// The text in place of a missing server.
const NO_SERVER: &str = "<NOSRV>";

alias!("f", Frontend, "the frontend", |context, field| {
    field.text(context.session.frontend_name().as_bytes());
});
// HAProxy marks TLS frontends with a tilde.
alias!("ft", Frontend, "the frontend, and '~' if clients speak TLS to it", |context, field| {
    field.name(context.session.frontend_name().as_bytes());
});
alias!("b", Frontend, "the backend; the frontend as long as none is chosen", |context, field| {
    let name = context.session.backend_name().unwrap_or_else(|| context.session.frontend_name());
    field.text(name.as_bytes());
});
alias!("s", Frontend, "the server", |context, field| {
    field.text(context.session.server_name().unwrap_or(NO_SERVER).as_bytes());
});
