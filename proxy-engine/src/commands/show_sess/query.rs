//! The arguments of `show sess`.

use std::iter::Peekable;

use proto_core::units::{TimeUnit, parse_time};
use proxy_admin::Refusal;

use super::form::Form;
use crate::commands::{Handle, text};
use crate::runtime::inquiry::{Selection, Through};

/// The answer to `help`.
pub(super) const USAGE: &str = "\
usage: show sess [<id> | all | help] [<option>...]
One line for each session or exchange; several lines for the one with this id, or for each with 'all'.
  older <age>     only those of at least this age, in seconds unless it has a unit
  frontend <f>    only those of this frontend
  backend <b>     only those of this backend
  server <b>/<s>  only those of this server
  show-uri        show the request line of an exchange, if logs need it";

/// The parsed arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Query {
    Help,
    List { form: Form, selection: Selection },
}

impl Query {
    /// Reads the arguments. Errors are reported in HAProxy's words.
    pub(super) fn read(arguments: &[String], handle: &Handle) -> Result<Query, Refusal> {
        let mut words = arguments.iter().map(String::as_str).take_while(|word| !word.is_empty()).peekable();
        let (mut form, mut selection) = (Form::default(), Selection::default());
        match words.peek() {
            Some(&"help") => return Ok(Query::Help),
            Some(&"all") => form.is_long = true,
            Some(word) => selection.id = text::id(word),
            None => {}
        }
        form.is_long |= selection.id.is_some();
        if form.is_long {
            words.next();
        }
        while let Some(word) = words.next() {
            match word {
                "show-uri" => form.has_request = true,
                "older" => {
                    let age = words
                        .next()
                        .ok_or_else(|| Refusal::new("Expects a minimum age (in seconds by default)."))?;
                    selection.older =
                        parse_time(age, TimeUnit::Seconds).map_err(|_| Refusal::new("Invalid age."))?;
                }
                "server" | "backend" | "frontend" => {
                    if selection.through.is_some() {
                        return Err(Refusal::new("Only one of backend, frontend or server may be set."));
                    }
                    selection.through = Some(through(word, &mut words, handle)?);
                }
                "susp" => {
                    return Err(Refusal::new(
                        "Unsupported option 'susp': no session is considered suspicious here, try 'help' for more info.",
                    ));
                }
                _ => {
                    return Err(Refusal::new(format!(
                        "Unsupported option '{word}', try 'help' for more info."
                    )));
                }
            }
        }
        Ok(Query::List { form, selection })
    }
}

/// Reads the name after `server`, `backend` or `frontend`.
fn through<'w>(
    kind: &str,
    words: &mut Peekable<impl Iterator<Item = &'w str>>,
    handle: &Handle,
) -> Result<Through, Refusal> {
    let mut name = |missing: &str| words.next().ok_or_else(|| Refusal::new(missing));
    match kind {
        "server" => {
            let (backend, server) = handle.server(name("Missing server name (<backend>/<server>).")?)?;
            Ok(Through::Server { backend: backend.id(), server: server.id() })
        }
        "backend" => {
            let backend = handle.backend(name("Missing backend name.")?);
            backend
                .map(|backend| Through::Backend(backend.id()))
                .ok_or_else(|| Refusal::new("No such backend."))
        }
        _ => {
            let frontend = handle.frontend(name("Missing frontend name.")?);
            frontend
                .map(|frontend| Through::Frontend(frontend.id()))
                .ok_or_else(|| Refusal::new("No such frontend."))
        }
    }
}
