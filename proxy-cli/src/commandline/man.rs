//! The man page, in roff with the macros of man(7).

use super::facts::SPOKEN;
use super::flags::{FLAGS, Flag, Group, supported};
use super::help::wrap;
use super::subcommands::{SUBCOMMANDS, Subcommand};

/// The columns of a line of text; roff fills them again.
const WIDTH: usize = 78;

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Success; with -c the configuration is valid, with -cc the condition is true."),
    ("1", "The command line or the configuration is invalid, the start failed, or the condition is false."),
    ("2", "With -cc: the condition cannot be read."),
    (
        "130, 143",
        "Ended by SIGINT or SIGTERM, as a shell reports it: the process ends by the signal, as if it were not caught.",
    ),
];

const SIGNALS: &[(&str, &str)] = &[
    ("SIGINT, SIGTERM", "End at once."),
    ("SIGUSR1", "Accept nothing more and end with the last connection. Log that each proxy has stopped."),
    ("SIGHUP", "Print the state of proxies and servers on standard error, and log it."),
    ("SIGQUIT", "Print that unused memory is returned by the allocator itself."),
    (
        "SIGTTOU",
        "Pause: listen on no address. Established connections continue. Log each frontend that is paused.",
    ),
    ("SIGTTIN", "Resume: listen again on all addresses. Log each frontend that is resumed."),
    ("SIGALRM, SIGPIPE, SIGUSR2", "Ignored."),
];

const FILES: &[(&str, &str)] =
    &[("/etc/braid/braid.cfg", "The configuration that the service starts with. Without -f none is read.")];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "NOTIFY_SOCKET",
        "The socket on which a service manager is notified when Braid is ready and when it ends; see sd_notify(3).",
    ),
    (
        "any other",
        "A configuration uses variables as \"$NAME\" or \"${NAME-default}\", and tests for them with defined().",
    ),
];

/// Returns the text.
pub(crate) fn man() -> String {
    let mut page = Page(String::new());
    page.macros(&format!(".TH BRAID 1 \"\" \"Braid {}\" \"User Commands\"", env!("CARGO_PKG_VERSION")));
    page.section("NAME");
    page.text("braid - a proxy and load balancer for TCP, Multipath TCP and HTTP");
    synopsis(&mut page);
    page.section("DESCRIPTION");
    page.text(&format!(
        "Braid accepts connections and forwards them to servers, as its configuration says. It reads the configuration \
         language of HAProxy {SPOKEN} and takes its command line, so that start scripts stay as they are. Connections \
         on both sides can be Multipath TCP (RFC 8684), for addresses that begin with mptcp@."
    ));
    page.paragraph(
        "Without arguments it runs a demonstration, with a configuration that is part of the program.",
    );
    page.paragraph(
        "Flags can be in any order, and each is a separate word: -c -V, not -cV. The value of a short \
         flag is the next word, whatever that begins with; a long one also takes it after =.",
    );
    options(&mut page);
    page.section("SUBCOMMANDS");
    page.text("A subcommand is the first word of the command line.");
    for subcommand in SUBCOMMANDS {
        describe(&mut page, subcommand);
    }
    for (title, entries) in
        [("EXIT STATUS", EXIT_STATUS), ("SIGNALS", SIGNALS), ("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)]
    {
        page.section(title);
        for (name, text) in entries {
            page.item(&bold(name), text);
        }
    }
    page.section("SEE ALSO");
    page.macros(".BR haproxy (1),\n.BR ip\\-mptcp (8),\n.BR systemd.service (5)");
    page.0
}

fn synopsis(page: &mut Page) {
    page.section("SYNOPSIS");
    let ours = [
        ("", ""),
        ("-f", "FILE [flags] [-- FILE...]"),
        ("-c -f", "FILE [flags]"),
        ("-cc", "EXPR"),
        ("-v | -vv | -h", ""),
    ];
    let subcommands = SUBCOMMANDS.iter().map(|subcommand| (subcommand.name, subcommand.arguments));
    for (index, (words, arguments)) in ours.into_iter().chain(subcommands).enumerate() {
        if index > 0 {
            page.macros(".br");
        }
        let line = format!("{} {}", bold(format!("braid {words}").trim_end()), escaped(arguments));
        page.line(&line);
    }
}

fn options(page: &mut Page) {
    page.section("OPTIONS");
    for group in Group::ALL {
        page.subsection(group.title());
        for flag in supported().filter(|flag| flag.group == group) {
            page.item(&synopsis_of(flag), &sentence(flag.help));
        }
    }
    page.subsection("Flags of HAProxy that are not supported yet");
    page.text("Braid does not start with these, since their effect would be missed.");
    for flag in FLAGS.iter().filter(|flag| !flag.is_supported()) {
        page.item(&synopsis_of(flag), &sentence(flag.help));
    }
}

fn describe(page: &mut Page, subcommand: &Subcommand) {
    page.subsection(&format!("braid {} {}", subcommand.name, subcommand.arguments));
    page.text(&sentence(subcommand.help));
    for paragraph in subcommand.about {
        page.paragraph(paragraph);
    }
    for option in subcommand.options {
        let synopsis = option.synopsis();
        let argument = synopsis.strip_prefix(option.name).unwrap_or_default();
        page.item(&format!("{}{}", bold(option.name), escaped(argument)), &sentence(option.help));
    }
    page.macros(".PP\n.nf");
    for example in subcommand.examples {
        page.line(&escaped(example));
    }
    page.macros(".fi");
}

/// Returns the names in bold and the argument in italics.
fn synopsis_of(flag: &Flag) -> String {
    let synopsis = flag.synopsis();
    let names: Vec<_> = flag.names().collect();
    let argument = synopsis.strip_prefix(&names.join(", ")).unwrap_or_default();
    let names: Vec<_> = names.into_iter().map(bold).collect();
    match argument.strip_prefix(' ') {
        Some(argument) => format!("{} \\fI{}\\fR", names.join(", "), escaped(argument)),
        None if argument.is_empty() => names.join(", "),
        None => format!("{}\\fI{}\\fR", names.join(", "), escaped(argument)),
    }
}

/// Turns a line of help into a sentence.
fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

/// Escapes text for roff. A dash becomes a minus sign, so that a flag can be copied.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            letter => out.push(letter),
        }
    }
    out
}

/// A page of roff lines.
struct Page(String);

impl Page {
    /// Adds lines unchanged.
    fn macros(&mut self, lines: &str) {
        self.0.push_str(lines);
        self.0.push('\n');
    }

    /// Adds an escaped line; a dot or a quote at its beginning is no request.
    fn line(&mut self, line: &str) {
        if line.starts_with(['.', '\'']) {
            self.0.push_str("\\&");
        }
        self.macros(line.trim_end());
    }

    fn text(&mut self, text: &str) {
        for line in wrap(&escaped(text), WIDTH) {
            self.line(&line);
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.macros(".PP");
        self.text(text);
    }

    fn section(&mut self, title: &str) {
        self.macros(&format!(".SH {title}"));
    }

    fn subsection(&mut self, title: &str) {
        self.macros(&format!(".SS \"{}\"", escaped(title)));
    }

    fn item(&mut self, term: &str, text: &str) {
        self.macros(".TP");
        self.line(term);
        self.text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_a_request() {
        let mut page = Page(String::new());
        page.text(".SH x");
        page.text("'tis a -d \\n");
        assert_eq!(page.0, "\\&.SH x\n\\(aqtis a \\-d \\en\n");
    }

    #[test]
    fn every_flag_and_option_has_an_entry() {
        let page = man();
        for name in FLAGS.iter().flat_map(Flag::names) {
            assert!(page.contains(&bold(name)), "{name}");
        }
        for option in SUBCOMMANDS.iter().flat_map(|subcommand| subcommand.options) {
            assert!(page.contains(&bold(option.name)), "{}", option.name);
        }
    }
}
