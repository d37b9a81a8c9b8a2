//! `option forwardfor` and `option originalto`.

use proxy_config::inventory;
use proxy_config::{Directive, Line, Network, Parsed, Sections, Word, mistake};
use proxy_http::token::is_token;

use crate::policy::{ForwardFor, OriginalTo};

const BOTH: Sections = Sections::PROXY.union(Sections::DEFAULTS);

inventory::submit! {
    Directive::new(
        "option forwardfor",
        "[except <network>] [header <name>] [if-none]",
        BOTH,
        "send the client's address to servers in X-Forwarded-For",
        |line| {
            let mut option = ForwardFor { name: "x-forwarded-for".to_owned(), except: None, if_none: false };
            while let Some(word) = line.args.take() {
                match &*word.text {
                    "except" => option.except = Some(network(line)?),
                    "header" => option.name = name(line)?,
                    "if-none" => option.if_none = true,
                    _ => return Err(Box::new(mistake(word.span, unexpected(word)).expected("except, header or if-none"))),
                }
            }
            line.section.set(option);
            Ok(())
        },
    )
}

inventory::submit! {
    Directive::new(
        "option originalto",
        "[except <network>] [header <name>]",
        BOTH,
        "send the address that the client connected to in X-Original-To",
        |line| {
            let mut option = OriginalTo { name: "x-original-to".to_owned(), except: None };
            while let Some(word) = line.args.take() {
                match &*word.text {
                    "except" => option.except = Some(network(line)?),
                    "header" => option.name = name(line)?,
                    _ => return Err(Box::new(mistake(word.span, unexpected(word)).expected("except or header"))),
                }
            }
            line.section.set(option);
            Ok(())
        },
    )
}

fn unexpected(word: &Word) -> String {
    format!("unexpected '{}' after the option", word.text)
}

fn network(line: &mut Line<'_, '_>) -> Parsed<Network> {
    const WHAT: &str = "an address, optionally with a mask: 192.0.2.0/24";
    let word = line.args.word(WHAT)?;
    word.parse().map_err(|_| line.args.bad(word, WHAT))
}

fn name(line: &mut Line<'_, '_>) -> Parsed<String> {
    const WHAT: &str = "a field name";
    let word = line.args.word(WHAT)?;
    match is_token(&*word.text) {
        true => Ok(word.to_ascii_lowercase()),
        false => Err(line.args.bad(word, WHAT)),
    }
}
