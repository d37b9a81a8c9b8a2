//! The page for people: one document without anything from elsewhere, which works without its script.
//!
//! * `text`: escaping, and numbers as people read them. `columns`, `cell`, `row`, `details`: the tables.
//! * `style.css`, `script.js`: its look, and sorting and filtering. The policy names them by their hashes.

mod cell;
mod columns;
mod details;
mod row;
mod text;

use std::fmt::Write as _;
use std::time::Duration;

use proxy_engine::commands::Handle;

use self::columns::{GROUPS, columns};
use self::row::Row;
use self::text::{age, escape, escaped, grouped};
use super::orders::ACTIONS;
use super::query::Query;
use crate::process::Process;
use crate::selection::{Proxy, Selection, proxies};
use crate::subject::{Kind, Subject};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What a browser may load and run for the page: its own style and script, and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-iCirkBd3KkbEWPQbrH9TjzTX5fxvKX/VOKQRqHE202M='; \
    script-src 'sha256-GUPU+6OfgarVy0e/s56AZrM6urf6LWgBA1dC+Y4pzrs='; \
    img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What is above the tables.
#[derive(Debug)]
pub(super) struct Heading<'h> {
    /// The address of the page.
    pub(super) uri: &'h str,
    /// The version, if it is shown.
    pub(super) version: Option<&'h str>,
    /// The name of the machine, if it is shown.
    pub(super) node: Option<String>,
    /// The description, if it is shown.
    pub(super) description: Option<String>,
    /// The time after which the page is loaded again.
    pub(super) refresh: Option<Duration>,
    /// Whether it would be without `;norefresh`.
    pub(super) can_refresh: bool,
    /// What is asked for.
    pub(super) query: &'h Query,
    /// The process.
    pub(super) process: &'h Process,
    /// The token of the form with which servers are changed, for those who may.
    pub(super) token: Option<&'h String>,
}

/// Returns the page.
pub(super) fn page(heading: &Heading<'_>, selection: &Selection, engine: &Handle) -> String {
    let name = heading.node.as_ref().map_or_else(String::new, |node| format!(" on {}", escaped(node)));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Statistics of Braid{name}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<a class=\"skip\" href=\"#tables\">Skip to the tables</a>\n"
    );
    header(&mut page, heading, &name, engine);
    tools(&mut page, heading);
    if let Some(outcome) = heading.query.outcome {
        let _ = writeln!(page, "<p class=\"outcome\" role=\"status\">{}</p>", outcome.text());
    }
    page.push_str("<main id=\"tables\">\n");
    for proxy in proxies(engine).iter().filter(|proxy| selection.has(proxy)) {
        section(&mut page, heading, proxy, &selection.subjects(proxy));
    }
    page.push_str("</main>\n");
    page.push_str(LEGEND);
    let _ = write!(page, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    page
}

fn header(page: &mut String, heading: &Heading<'_>, name: &str, engine: &Handle) {
    let Heading { version, description, process, .. } = heading;
    page.push_str("<header>\n<h1>Braid");
    if let Some(version) = version {
        let _ = write!(page, " <span class=\"version\">{}</span>", escaped(version));
    }
    let _ = write!(page, "</h1>\n<p>Statistics{name}");
    if let Some(description) = description {
        let _ = write!(page, ": {}", escaped(description));
    }
    page.push_str("</p>\n<dl class=\"facts\">");
    let current: usize = engine.frontends.iter().map(|frontend| frontend.counters().current()).sum();
    let total: u64 = engine.frontends.iter().map(|frontend| frontend.counters().ever()).sum();
    for (name, value) in [
        ("Up for", age(process.uptime())),
        ("Process", std::process::id().to_string()),
        ("Workers", process.workers.to_string()),
        ("Connections", format!("{} of {}", grouped(current as u64), grouped(process.maxconn as u64))),
        ("Since the start", grouped(total)),
    ] {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n</header>\n");
}

/// The filter, and links to other views.
fn tools(page: &mut String, heading: &Heading<'_>) {
    let Heading { uri, query, refresh, can_refresh, .. } = heading;
    let (path, words) = uri.split_once('?').unwrap_or((uri, ""));
    let _ = write!(
        page,
        "<nav aria-label=\"Views\">\n<form method=\"get\" action=\"{}\" role=\"search\">",
        escaped(path)
    );
    // A form replaces the query of its address, which may be part of the prefix.
    if !words.is_empty() {
        let _ = write!(page, "<input type=\"hidden\" name=\"{}\" value=\"\">", escaped(words));
    }
    let _ = write!(
        page,
        "<label for=\"filter\">Filter</label> <input id=\"filter\" name=\"scope\" type=\"search\" maxlength=\"20\" \
         value=\"{}\" autocomplete=\"off\"> <button type=\"submit\">Apply</button></form>\n<ul>",
        escaped(&query.part)
    );
    let kept =
        [("up", query.only_up), ("no-maint", query.without_maintenance), ("norefresh", query.no_refresh)];
    let with = |word: &str, on: bool| {
        let words = kept.iter().filter(|(name, is_on)| if *name == word { on } else { *is_on });
        words.map(|(name, _)| format!(";{name}")).collect::<String>()
    };
    let mut link = |words: &str, text: &str| {
        let scope = match query.part.is_empty() {
            true => String::new(),
            false => format!(";scope={}", query.part),
        };
        let _ = write!(page, "<li><a href=\"{}\">{text}</a></li>", escaped(&format!("{uri}{words}{scope}")));
    };
    match query.only_up {
        true => link(&with("up", false), "Show all servers"),
        false => link(&with("up", true), "Hide servers that are down"),
    }
    match query.without_maintenance {
        true => link(&with("no-maint", false), "Show maintenance"),
        false => link(&with("no-maint", true), "Hide maintenance"),
    }
    link(&with("", false), "Refresh");
    match (can_refresh, refresh) {
        (true, Some(_)) => link(&with("norefresh", true), "Stop refreshing"),
        (true, None) => link(&with("norefresh", false), "Refresh by itself"),
        (false, _) => {}
    }
    for (words, text) in [(";csv", "CSV"), (";json", "JSON"), (";typed", "Typed")] {
        link(&format!("{words}{}", with("", false)), text);
    }
    page.push_str("</ul>\n</nav>\n");
}

/// The table of a section.
fn section(page: &mut String, heading: &Heading<'_>, proxy: &Proxy<'_>, subjects: &[Subject<'_>]) {
    let name = escaped(proxy.name());
    // Only servers can be changed.
    let token = heading.token.filter(|_| proxy.backend.is_some_and(|backend| !backend.servers().is_empty()));
    let kind = match (proxy.frontend, proxy.backend) {
        (Some(_), Some(_)) => "frontend and backend",
        (Some(_), None) => "frontend",
        _ => "backend",
    };
    let form = match token {
        Some(_) => format!("<form method=\"post\" action=\"{}\">\n", escaped(heading.uri)),
        None => String::new(),
    };
    let _ = write!(
        page,
        "<section data-name=\"{name}\">\n<h2 id=\"{name}\">{name}</h2>\n{form}<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Table of {name}\">\n<table>\n<caption>{name}, {kind}</caption>\n<thead>\n<tr class=\"groups\">\
         <td></td>"
    );
    for group in GROUPS {
        let _ =
            write!(page, "<th scope=\"colgroup\" colspan=\"{}\">{}</th>", group.columns.len(), group.title);
    }
    page.push_str("</tr>\n<tr class=\"titles\"><th scope=\"col\">Name</th>");
    for column in columns() {
        let class = match column.is_minor {
            true => " class=\"minor\"",
            false if column.title == "Status" => " class=\"status\"",
            false => "",
        };
        let _ = write!(
            page,
            "<th scope=\"col\"{class} title=\"{full}\"><span class=\"short\">{}</span>\
             <span class=\"full\">{full}</span></th>",
            column.title,
            full = column.full
        );
    }
    page.push_str("</tr>\n</thead>\n<tbody>\n");
    for subject in subjects {
        row(page, proxy.name(), &Row { subject }, token.is_some());
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    if let (Some(token), Some(backend)) = (token, proxy.backend) {
        order(page, backend.id(), token);
    }
    page.push_str("</section>\n");
}

/// The end of the form with which servers are changed.
fn order(page: &mut String, backend: u32, token: &str) {
    let _ = write!(
        page,
        "<div class=\"order\"><input type=\"hidden\" name=\"b\" value=\"#{backend}\">\
         <input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <label>With the chosen servers: <select name=\"action\"><option value=\"\">choose an action</option>"
    );
    for (action, name) in ACTIONS {
        let _ = write!(page, "<option value=\"{action}\">{name}</option>");
    }
    page.push_str("</select></label> <button type=\"submit\">Apply</button></div>\n</form>\n");
}

/// The row of an object, and the one with its details.
fn row(page: &mut String, section: &str, row: &Row<'_>, is_changeable: bool) {
    let name = match row.subject.kind() {
        Kind::Frontend => "Frontend".to_owned(),
        Kind::Backend => "Backend".to_owned(),
        Kind::Server | Kind::Listener => row.text("svname"),
    };
    let (class, count) = (row.class(), columns().count() + 1);
    let _ = write!(page, "<tr class=\"{class}\" id=\"");
    escape(page, &format!("{section}/{name}"));
    page.push_str("\"><th scope=\"row\">");
    if is_changeable && row.subject.kind() == Kind::Server {
        page.push_str("<input type=\"checkbox\" name=\"s\" value=\"");
        escape(page, &name);
        page.push_str("\" aria-label=\"Choose ");
        escape(page, &name);
        page.push_str("\"> ");
    }
    page.push_str("<details><summary>");
    escape(page, &name);
    page.push_str("</summary></details></th>");
    for column in columns() {
        (column.cell)(row).write(page, column.is_minor);
    }
    let _ = write!(page, "</tr>\n<tr class=\"more\"><td colspan=\"{count}\"><div class=\"lists\">");
    details::write(page, row);
    page.push_str("</div></td></tr>\n");
}

const LEGEND: &str = "<footer>\n<h2>Colours</h2>\n<ul class=\"legend\">\
    <li class=\"up\">up</li><li class=\"backup\">backup, up</li><li class=\"changing\">going up or down</li>\
    <li class=\"down\">down</li><li class=\"drain\">no new sessions</li><li class=\"maint\">maintenance</li>\
    <li class=\"unchecked\">not checked</li></ul>\n</footer>\n";

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_names_the_style_and_the_script_by_their_hashes() {
        for (source, text) in [("style-src", STYLE), ("script-src", SCRIPT)] {
            let hash = STANDARD.encode(Sha256::digest(text));
            assert!(POLICY.contains(&format!("{source} 'sha256-{hash}';")), "{source} has to be {hash}");
        }
        // They end with the elements that contain them, and not before.
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }
}
