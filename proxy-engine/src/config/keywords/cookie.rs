//! `cookie` and `dynamic-cookie-key` of backends, `cookie` of server lines.

use proto_core::units::{TimeUnit, parse_time_prefix};
use proxy_config::arguments::Arguments;
use proxy_config::endpoint::Servers;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Line, Mode, Parameter, Parsed, Scope,
    Sections, Word, inventory, mistake,
};

use crate::policy::{CookieMode, CookiePolicy, DynamicCookieKey, ServerCookieValue};

const BACKENDS: Sections = Sections::BACKEND.union(Sections::DEFAULTS);

inventory::submit! {
    Directive::new(
        "cookie",
        "<name> [rewrite|insert|prefix] [indirect] [preserve] [nocache] [postonly] [httponly] [secure] \
         [domain <domain>]... [attr <attribute>]... [maxidle <time>] [maxlife <time>] [dynamic]",
        BACKENDS,
        "lead clients to the same server again by a cookie",
        cookie,
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Directive::new(
        "dynamic-cookie-key",
        "<key>",
        BACKENDS,
        "the key of 'dynamic' values of cookies, the same for all proxies of a cluster",
        |line| {
            let key = line.args.word("a secret text")?.text.clone();
            line.section.set(DynamicCookieKey(key));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Parameter::new("cookie", Scope::Server, "<value>", "the value of the cookie that leads to this server", |endpoint| {
        let word = endpoint.args.word("the value of a cookie")?;
        let is_misplaced = |letter: char| letter.is_ascii_control() || matches!(letter, ';' | ',');
        if word.text.is_empty() || word.text.contains(is_misplaced) {
            return Err(endpoint.args.bad(word, "a value without control characters, ';' and ','"));
        }
        endpoint.values.set(ServerCookieValue(word.text.clone()));
        Ok(())
    })
}

/// A word after the name.
#[derive(Clone, Copy)]
enum Setting {
    Mode(CookieMode),
    Switch(fn(&mut CookiePolicy) -> &mut bool),
    Flag(Flag),
    Domain,
    Attribute,
    Time(fn(&mut CookiePolicy) -> &mut Option<u32>),
}

/// An attribute without a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    HttpOnly,
    Secure,
}

const SETTINGS: [(&str, Setting); 14] = [
    ("rewrite", Setting::Mode(CookieMode::Rewrite)),
    ("insert", Setting::Mode(CookieMode::Insert)),
    ("prefix", Setting::Mode(CookieMode::Prefix)),
    ("indirect", Setting::Switch(|cookie| &mut cookie.indirect)),
    ("preserve", Setting::Switch(|cookie| &mut cookie.preserve)),
    ("nocache", Setting::Switch(|cookie| &mut cookie.no_cache)),
    ("postonly", Setting::Switch(|cookie| &mut cookie.post_only)),
    ("dynamic", Setting::Switch(|cookie| &mut cookie.dynamic)),
    ("httponly", Setting::Flag(Flag::HttpOnly)),
    ("secure", Setting::Flag(Flag::Secure)),
    ("domain", Setting::Domain),
    ("attr", Setting::Attribute),
    ("maxidle", Setting::Time(|cookie| &mut cookie.max_idle)),
    ("maxlife", Setting::Time(|cookie| &mut cookie.max_life)),
];

/// The attributes of a cookie, in the order in which they are sent.
#[derive(Default)]
struct Attributes {
    domains: String,
    flags: Vec<Flag>,
    others: String,
}

impl Attributes {
    fn text(&self) -> String {
        let has = |flag, text| if self.flags.contains(&flag) { text } else { "" };
        let (http_only, secure) = (has(Flag::HttpOnly, "; HttpOnly"), has(Flag::Secure, "; Secure"));
        [&self.domains, http_only, secure, &self.others].concat()
    }
}

fn cookie(line: &mut Line<'_, '_>) -> Parsed {
    let name = line.args.word("the name of a cookie")?;
    if name.text.is_empty() || !name.text.bytes().all(is_of_name) {
        return Err(line.args.bad(name, "the name of a cookie, a token of HTTP"));
    }
    let mut policy = CookiePolicy { name: name.text.clone(), ..CookiePolicy::default() };
    let mut attributes = Attributes::default();
    while let Some(word) = line.args.peek() {
        match line.args.one_of(&SETTINGS)? {
            Setting::Mode(mode) if policy.mode != CookieMode::Passive && policy.mode != mode => {
                let message = "'rewrite', 'insert' and 'prefix' cannot be combined";
                return Err(mistake(word.span, message));
            }
            Setting::Mode(mode) => policy.mode = mode,
            Setting::Switch(field) => *field(&mut policy) = true,
            Setting::Flag(flag) => attributes.flags.push(flag),
            Setting::Domain => domain(line, &mut attributes.domains)?,
            Setting::Attribute => attribute(&mut line.args, &mut attributes.others)?,
            Setting::Time(field) => *field(&mut policy) = seconds(&mut line.args)?,
        }
    }
    if policy.mode == CookieMode::Rewrite && policy.indirect {
        return Err(mistake(line.span, "'rewrite' and 'indirect' of a cookie cannot be combined"));
    }
    if policy.preserve && policy.mode != CookieMode::Insert && !policy.indirect {
        return Err(mistake(line.span, "'preserve' of a cookie requires 'insert' or 'indirect'"));
    }
    policy.attributes = attributes.text();
    line.section.set(policy);
    Ok(())
}

/// Returns whether a byte may be part of the name of a cookie (RFC 6265, section 4.1.1).
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte)
}

fn domain(line: &mut Line<'_, '_>, domains: &mut String) -> Parsed {
    let word = line.args.word("a domain")?;
    let is_valid = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    if word.text.is_empty() || !word.text.chars().all(is_valid) {
        return Err(line.args.bad(word, "a domain of letters, digits, '.', '-' and '_'"));
    }
    if !word.text.contains('.') {
        let message = format!("clients may ignore the domain '{}': it has no dot", word.text);
        let warning = Diagnostic::warning(word.span, message).help("see RFC 6265, section 5.2.3");
        line.surroundings.diagnostics.push(warning);
    }
    *domains += &format!("; domain={}", word.text);
    Ok(())
}

fn attribute(args: &mut Arguments<'_>, attributes: &mut String) -> Parsed {
    let word = args.word("an attribute of a cookie")?;
    if word.text.contains(|letter: char| letter.is_ascii_control() || letter == ';') {
        return Err(args.bad(word, "an attribute without control characters and ';'"));
    }
    *attributes += &format!("; {}", word.text);
    Ok(())
}

/// Takes a time in seconds, of up to 68 years as in HAProxy; 0 is none.
fn seconds(args: &mut Arguments<'_>) -> Parsed<Option<u32>> {
    const EXPECTED: &str = "a time of at most 68 years";
    let word: &Word = args.word("a time, in seconds if it has no unit")?;
    let (time, rest) = parse_time_prefix(word, TimeUnit::Seconds).map_err(|error| args.bad(word, error))?;
    let seconds = u32::try_from(time.as_millis().div_ceil(1000)).ok();
    match seconds.filter(|seconds| *seconds <= i32::MAX.unsigned_abs() && rest.is_empty()) {
        Some(seconds) => Ok((seconds > 0).then_some(seconds)),
        None => Err(args.bad(word, EXPECTED)),
    }
}

inventory::submit! { Check { name: "cookie", run: check } }

/// Warns of cookies that have no effect.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in configuration.backends() {
        let is_http = section.values.get_or_default::<Mode>() == Mode::Http;
        if is_http || section.has_refused("mode") {
            continue;
        }
        let mut warn = |span, what: String| {
            diagnostics.push(Diagnostic::warning(span, what).help("it is of mode tcp"));
        };
        if section.get::<CookiePolicy>().is_some() {
            warn(section.span(), format!("'cookie' of {} '{}' is never used", section.kind, section.name));
        }
        for server in section.get::<Servers>().into_iter().flat_map(|servers| &servers.0) {
            if server.parameters.values.get::<ServerCookieValue>().is_some() {
                warn(server.name.span, format!("'cookie' of server '{}' is never used", server.name));
            }
        }
    }
}
