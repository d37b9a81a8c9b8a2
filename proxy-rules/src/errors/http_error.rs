//! `http-error`: the reply to an error, with the arguments of replies in rules.

use std::sync::Arc;

use proxy_config::{Diagnostic, Directive, Line, Parsed, Spanned};

use super::directives::{PROXIES, add};
use super::messages::ErrorLine;
use super::{ErrorStatus, Reference};
use crate::action::ActionArguments;
use crate::answer::{Answer, Reply};
use crate::points::HookPoint;

inventory::submit! {
    Directive::new(
        "http-error",
        "status <code> [content-type <type>] [default-errorfiles|errorfile <file>|errorfiles <section>|file <file>|\
         lf-file <file>|string <text>|lf-string <format>] [hdr <name> <format>]...",
        PROXIES,
        "the reply to an error, in words",
        http_error,
    )
}

fn http_error(line: &mut Line<'_, '_>) -> Parsed {
    let Some(first) = line.args.peek() else {
        let problem = Diagnostic::alert(line.span.after(), "'http-error' needs arguments");
        return Err(Box::new(problem.expected("'status' and the code of an error")));
    };
    let missing = Spanned { value: 0, span: line.span };
    let mut words = ActionArguments::new(line, HookPoint::HttpRequest, first, Vec::new());
    let (reply, status) = Reply::parse_with_status(&mut words, missing)?;
    if status.value == 0 {
        let problem = Diagnostic::alert(line.span, "'http-error' without 'status'");
        return Err(Box::new(problem.help("say for which error it is: status 503")));
    }
    let Some(known) = ErrorStatus::of(status.value) else {
        let codes = ErrorStatus::all().map(|status| status.code().to_string()).collect::<Vec<_>>().join(", ");
        let message = format!("status {} has no error message", status.value);
        return Err(Box::new(Diagnostic::alert(status.span, message).expected(format!("one of {codes}"))));
    };
    add(
        line,
        match reply {
            Reply::Message(status) => ErrorLine::Default(status),
            Reply::Reference(reference) => Reference::line(reference),
            Reply::Fixed(answer) => ErrorLine::Message(known, answer),
            Reply::Written(template) => {
                ErrorLine::Message(known, Arc::new(Answer::written(known.code(), Arc::new(template))))
            }
        },
    );
    Ok(())
}
