//! The protocol, byte by byte: the answers of HAProxy 3.5 to the same input, wherever they have no words of its
//! own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Write;

use common::{Ask, serve};
use proxy_admin::{AdminLimits, Level};

/// Input to a socket of level admin, and what it sends until it closes.
const TRANSCRIPTS: &[(&str, &str)] = &[
    // One line, and the end of an answer.
    ("show cli level\n", "admin\n\n"),
    ("  show   cli\tlevel  \n", "admin\n\n"),
    ("show cli level and more\n", "admin\n\n"),
    ("show version\n", "1.2.3\n\n"),
    ("\n", "\n"),
    (" \t\n", "\n"),
    ("", ""),
    ("show cli level", ""),
    ("quit\n", ""),
    // Several commands on a line, and several lines.
    ("show cli level;show cli level\n", "admin\n\nadmin\n\n"),
    ("show cli level;;show cli level;\n", "admin\n\n\nadmin\n\n\n"),
    (";\n", "\n\n"),
    ("show cli level\nshow cli level\n", "admin\n\n"),
    ("show cli level;quit;show cli level\n", "admin\n\n"),
    // A carriage return, and NUL, end a command by themselves.
    ("show version\r\n", "1.2.3\n\n\n"),
    ("show version;show version\r\n", "1.2.3\n\n1.2.3\n\n\n"),
    ("echo a\0echo b\n", "a\n\nb\n\n"),
    // Escapes.
    ("echo a\\;b c\\\\d e\\ f \\g\n", "a;b c\\d e f g\n\n"),
    ("echo a b\\\n", ""),
    ("echo \n", "\n\n"),
    // Modes.
    ("prompt\n", "\n> "),
    ("prompt\nshow cli level\nshow cli level\n", "\n> admin\n\n> admin\n\n> "),
    ("prompt;show version\n", "\n1.2.3\n\n> "),
    ("prompt\r\n\r\nshow version\r\n", "\n\n> \n\n> 1.2.3\n\n\n> "),
    ("prompt p\nprompt\nshow cli level\n", "\n> \n"),
    ("prompt n;show cli level\n", "\nadmin\n\n"),
    ("prompt i\nshow cli level\n\nshow cli level\n", "\nadmin\n\n\nadmin\n\n"),
    ("prompt i;show version;prompt n;show version\nshow version\n", "\n1.2.3\n\n\n1.2.3\n\n"),
    ("prompt timed\nshow version\n", "\n[1:01:01:01]> 1.2.3\n\n[1:01:01:01]> "),
    ("prompt p timed\n\nprompt timed\n", "\n[1:01:01:01]> \n[1:01:01:01]> \n> "),
    // Payloads.
    ("show cli level <<\nabc\n\n", "admin\n\n"),
    ("show cli level;show cli level <<\nabc\nx\n\nshow version\n", "admin\n\nadmin\n\n"),
    ("prompt\nshow cli level <<\nabc\n\nshow cli level\n", "\n> admin\n\n> admin\n\n> "),
    ("prompt\necho <<%E\nabc\n\n\n%E\necho\n", "\n> \n\n> \n\n> "),
    ("echo x<<\nfoo\n", "x<<\n\n"),
    ("echo x <<\nfoo\n", ""),
    ("echo <<\n\n", "\n\n"),
    ("<<\na\n\n", "\n"),
    ("payload;payload <<E\na\n\nb;c\\\nE\n", "None\n\nSome(\"a\\n\\nb;c\\\\\")\n\n"),
    // Levels.
    ("user\n", "\n"),
    ("user;show cli level;operator;show cli level\n", "\nuser\n\nPermission denied\n\nuser\n\n"),
    ("operator;user -;show cli level\n", "\nuser\n\n"),
    ("operator;dangerous\n", "\nPermission denied\n\n"),
    ("dangerous\n", "done\n\n"),
    // Severities.
    ("set severity-output number;show cli level;operator\n", "\n[6]: admin\n\n\n"),
    ("set severity-output number -;show version\n", "[6]: 1.2.3\n\n"),
    ("set severity-output number -\n", ""),
    ("set severity-output string;user;operator\n", "\n\n[err]: Permission denied\n\n"),
    ("set timeout cli 30;show version\n", "\n1.2.3\n\n"),
];

#[test]
fn transcripts() {
    let server = serve(AdminLimits::default());
    for (sent, answer) in TRANSCRIPTS {
        assert_eq!(server.admin().ask(sent), *answer, "{sent:?}");
    }
}

#[test]
fn bytes_may_come_one_by_one() {
    let server = serve(AdminLimits::default());
    for (sent, answer) in TRANSCRIPTS {
        // During a payload the prompt asks for more of it, once for each read.
        if sent.starts_with("prompt") && sent.contains("<<") {
            continue;
        }
        let mut client = server.tcp();
        client.set_nodelay(true).unwrap();
        let mut whole = true;
        for byte in sent.as_bytes() {
            // The server may have closed after the first line.
            whole &= client.write_all(&[*byte]).is_ok();
        }
        client.close_sending();
        // This socket has another level, and shows severities.
        if whole && !answer.contains("admin") && !answer.contains("done") && !sent.contains("operator") {
            assert_eq!(
                client.rest().replace("[6]: ", "").replace("[3]: ", ""),
                answer.replace("[6]: ", ""),
                "{sent:?}"
            );
        }
    }
}

#[test]
fn a_client_that_does_not_close_is_answered_too() {
    let server = serve(AdminLimits::default());
    let mut client = server.admin();
    client.write_all(b"show cli level\n").unwrap();
    assert_eq!(client.rest(), "admin\n\n");
}

#[test]
fn a_prompt_asks_for_the_rest_of_a_payload() {
    let server = serve(AdminLimits::default());
    let mut client = server.admin();
    for (sent, answer) in [
        ("prompt\n", "\n> "),
        ("payload <<\n", "+ "),
        ("first\n", "+ "),
        ("\n", "Some(\"first\")\n\n> "),
        ("prompt i\n", "\n"),
        ("payload <<\nfirst\n\n", "Some(\"first\")\n\n"),
    ] {
        client.write_all(sent.as_bytes()).unwrap();
        client.expect(answer);
    }
}

#[test]
fn sockets_have_levels_of_their_own() {
    let server = serve(AdminLimits::default());
    assert_eq!(server.client(Level::User).ask("operator;show cli level\n"), "Permission denied\n\nuser\n\n");
    assert_eq!(server.client(Level::Operator).ask("show cli level\n"), "operator\n\n");
    // This one shows severities.
    assert_eq!(server.tcp().ask("show cli level\n"), "[6]: operator\n\n");
    let listed = server.client(Level::User).ask("show cli sockets\n");
    let [user, operator, admin] = server.paths.each_ref().map(|path| path.display());
    let sockets = format!(
        "# socket lvl processes\nunix@{user} user all\nunix@{operator} operator all\nunix@{admin} admin all\n\
         ipv4@{} operator all\n\n",
        server.tcp
    );
    assert_eq!(listed, sockets);
}

#[test]
fn unknown_words_and_help() {
    let server = serve(AdminLimits::default());
    let answer = server.admin().ask("foo bar\n");
    assert!(answer.starts_with("Unknown command: 'foo'"), "{answer}");
    assert!(answer.contains("\n  show version ") && answer.ends_with("\n\n"), "{answer}");
    assert_eq!(answer.matches("\n\n").count(), 1, "{answer}");
    let answer = server.admin().ask("help show cli\n");
    let commands: Vec<&str> =
        answer.lines().skip(1).filter_map(|line| line.split(" :").next()).map(str::trim).collect();
    let listed: Vec<&str> = commands.iter().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(
        listed,
        [
            "show cli level",
            "show cli sockets",
            "help [<command>]",
            "prompt [help | n | i | p | timed]*",
            "quit",
            ""
        ]
    );
    assert!(server.admin().ask("prompt x\n").starts_with("Usage: prompt "));
    assert!(server.admin().ask("set severity-output\n").ends_with("string.\n\n"));
    assert!(server.admin().ask("set severity-output foo -\n").ends_with("string.\n"));
    assert!(server.admin().ask(format!("echo{}\n", " a".repeat(64))).starts_with("Too many words"));
    assert_eq!(server.admin().ask(format!("echo{}\n", " a".repeat(63))).len(), 2 * 63 + 1);
}
