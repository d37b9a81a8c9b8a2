//! The commands of HAProxy that are not among those of Braid, and why: a script that uses one is told.

/// Why there is no such command.
const CERTIFICATES: &str = "certificates are read from files at the start";
const TABLES: &str = "there are no stick tables";
const LISTS: &str = "patterns are read at the start";
const INTERNALS: &str = "it shows internals of HAProxy; see 'show info' and 'show stat'";
const TRACES: &str = "there are no traces; '-d' logs what happens";

/// The beginnings of commands, in the order of the alphabet, with the reasons.
const FOREIGN: &[(&str, &str)] = &[
    ("abort ssl", CERTIFICATES),
    ("acme", "certificates are not ordered"),
    ("add acl", LISTS),
    ("add backend", "sections are read at the start"),
    ("add map", LISTS),
    ("add ssl", CERTIFICATES),
    ("clear acl", LISTS),
    ("clear map", LISTS),
    ("clear table", TABLES),
    ("commit acl", LISTS),
    ("commit map", LISTS),
    ("commit ssl", CERTIFICATES),
    ("debug", INTERNALS),
    ("del acl", LISTS),
    ("del backend", "sections are read at the start"),
    ("del map", LISTS),
    ("del ssl", CERTIFICATES),
    ("dump ssl", CERTIFICATES),
    ("dump stats-file", "statistics begin with the process"),
    ("get acl", LISTS),
    ("get map", LISTS),
    ("get var", "there are no variables of the process to read"),
    ("new ssl", CERTIFICATES),
    ("prepare acl", LISTS),
    ("prepare map", LISTS),
    ("publish backend", "all backends are published"),
    ("set anon", "nothing is made anonymous"),
    ("set map", LISTS),
    ("set profiling", INTERNALS),
    ("set ssl", CERTIFICATES),
    ("set table", TABLES),
    ("show acl", LISTS),
    ("show activity", INTERNALS),
    ("show anon", "nothing is made anonymous"),
    ("show cache", "there is no cache"),
    ("show defaults", "the lines of the configuration have them"),
    ("show dev", INTERNALS),
    ("show errors", "invalid messages are not captured; log lines tell their sessions"),
    ("show events", "there are no rings"),
    ("show fd", INTERNALS),
    ("show libs", INTERNALS),
    ("show map", LISTS),
    ("show peers", "there are no peers"),
    ("show pools", INTERNALS),
    ("show profiling", INTERNALS),
    ("show quic", "there is no QUIC"),
    ("show ssl", CERTIFICATES),
    ("show startup-logs", "the messages of the start are on standard error"),
    ("show table", TABLES),
    ("show tasks", INTERNALS),
    ("show threads", INTERNALS),
    ("show tls-keys", CERTIFICATES),
    ("show trace", TRACES),
    ("shutdown frontend", "'disable frontend' has a frontend listen no more"),
    ("trace", TRACES),
    ("unpublish backend", "all backends are published"),
    ("update ssl", CERTIFICATES),
];

/// Returns the command of HAProxy that a line begins with, and why it is not here.
pub(crate) fn find(words: &[String]) -> Option<(&'static str, &'static str)> {
    let begins = |command: &str| {
        let mut given = words.iter();
        command.split(' ').all(|word| given.next().is_some_and(|given| given == word))
    };
    FOREIGN.iter().find(|(command, _)| begins(command)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_all_words_of_a_command() {
        let find = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            find(&words).map(|(command, _)| command)
        };
        assert_eq!(find("show table t"), Some("show table"));
        assert_eq!(find("show tables"), None);
        assert_eq!(find("show"), None);
        assert_eq!(find("trace h1 sink buf0"), Some("trace"));
        assert!(FOREIGN.is_sorted());
    }
}
