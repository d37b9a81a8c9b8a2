//! `email-alert`: refused, since no mail is sent.

use proxy_config::{Directive, Kind, Sections, mistake};

inventory::submit! {
    Directive::new(
        "email-alert",
        "from|to|mailers|level|myhostname <value>",
        Sections::PROXY.union(Sections::DEFAULTS),
        "not supported: send the log lines about servers to a program that writes mails",
        |line| {
            let problem = mistake(line.span, "'email-alert' is not supported: Braid sends no mail");
            Err(Box::new(problem.help("the same events are log lines: send them to a program that writes mails")))
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
