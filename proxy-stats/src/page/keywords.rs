//! The `stats` keywords of sections.

use std::time::Duration;

use proto_core::units::TimeUnit;
use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections, mistake};
use proxy_rules::{Action, Condition, Context, Points, Rule, Verdict};

use super::credentials::Credentials;
use super::service::challenge;
use super::settings::{PageSettings, Shown};

const SECTIONS: Sections = Sections::PROXY.union(Sections::DEFAULTS);

inventory::submit! {
    Directive::new("stats enable", "", SECTIONS, "serve the statistics page", |line| {
        PageSettings::of(line);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats uri", "<prefix>", SECTIONS, "address of the statistics page", |line| {
        let word = line.args.word("a path")?;
        PageSettings::of(line).uri = word.text.clone();
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats scope", "{<section>|.}", SECTIONS, "show only these sections on the statistics page", |line| {
        let word = line.args.word("the name of a section, or '.'")?;
        PageSettings::of(line).scope.push(word.text.clone());
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats refresh", "<time>", SECTIONS, "have browsers load the statistics page again", |line| {
        let time = line.args.time_in(TimeUnit::Seconds, "a time")?;
        PageSettings::of(line).refresh = (time >= Duration::from_secs(1)).then_some(time);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats hide-version", "", SECTIONS, "leave the version out of the statistics page", |line| {
        PageSettings::of(line).hides_version = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats show-legends", "", SECTIONS, "show addresses and algorithms on the statistics page", |line| {
        PageSettings::of(line).shows_legends = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats show-node", "[<name>]", SECTIONS, "name the machine on the statistics page", |line| {
        let name = line.args.take().map_or(Shown::OfProcess, |word| Shown::Text(word.text.clone()));
        PageSettings::of(line).node = Some(name);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats show-desc", "[<text>...]", SECTIONS, "show a description on the statistics page", |line| {
        let words: Vec<&str> = line.args.rest().iter().map(|word| word.text.as_str()).collect();
        let text = if words.is_empty() { Shown::OfProcess } else { Shown::Text(words.join(" ")) };
        PageSettings::of(line).description = Some(text);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats realm", "<text>", SECTIONS, "what users of the statistics page log in to", |line| {
        let word = line.args.word("a text")?;
        PageSettings::of(line).realm = Some(word.text.clone());
        Ok(())
    })
}

inventory::submit! {
    Directive::new("stats auth", "<user>:<password>", SECTIONS, "a user who may see the statistics page", |line| {
        const EXPECTED: &str = "a user and a password, with a colon between them";
        let word = line.args.word(EXPECTED)?;
        let Some(user) = Credentials::parse(&word.text) else {
            // The word may be a password: it is not quoted.
            return Err(Box::new(Diagnostic::alert(word.span, "no colon in the argument of 'stats auth'").expected(EXPECTED)));
        };
        PageSettings::of(line).users.push(user);
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "stats http-request",
        "{allow|deny|auth [realm <text>]} [{if|unless} <condition>]",
        SECTIONS,
        "who may see the statistics page",
        http_request,
    )
}

inventory::submit! {
    Directive::new(
        "stats admin",
        "{if|unless} <condition>",
        SECTIONS,
        "who may change servers with the statistics page",
        |line| {
            let Some(condition) = condition(line) else {
                let problem = mistake(line.span.after(), "'stats admin' without a condition");
                return Err(Box::new(problem.expected("'if' or 'unless'")));
            };
            let rule = Rule::new(Box::new(Admission::Allow), Some(condition), line.span);
            PageSettings::of(line).admin.push(rule);
            Ok(())
        },
    )
}

/// Reads the condition of a rule of the page.
fn condition(line: &mut Line<'_, '_>) -> Option<Condition> {
    let points = Points::of_sides(line.kind, Points::FRONT_REQUEST, Points::BACK_REQUEST);
    Condition::parse(line, points)
}

/// What a rule of the page does.
#[derive(Clone, Debug)]
enum Admission {
    /// The page is shown.
    Allow,
    /// The request is denied.
    Deny,
    /// The user has to log in.
    Authenticate(Option<String>),
}

impl Action for Admission {
    fn run(&self, _: &mut Context<'_>) -> Verdict {
        match self {
            Admission::Allow => Verdict::Accept,
            Admission::Deny => Verdict::Error { status: 403, denies: true },
            Admission::Authenticate(realm) => {
                Verdict::Answer { answer: Box::new(challenge(realm.as_deref())), denies: true }
            }
        }
    }
}

fn http_request(line: &mut Line<'_, '_>) -> Parsed {
    let word =
        line.args.one_of(&[("allow", Admit::Allow), ("deny", Admit::Deny), ("auth", Admit::Authenticate)])?;
    let action = match word {
        Admit::Allow => Admission::Allow,
        Admit::Deny => Admission::Deny,
        Admit::Authenticate if line.args.take_word("realm") => {
            Admission::Authenticate(Some(line.args.word("a text")?.text.clone()))
        }
        Admit::Authenticate => Admission::Authenticate(None),
    };
    let condition = condition(line);
    let span = line.span;
    PageSettings::of(line).rules.push(Rule::new(Box::new(action), condition, span));
    Ok(())
}

/// The word of a rule.
#[derive(Clone, Copy)]
enum Admit {
    Allow,
    Deny,
    Authenticate,
}
