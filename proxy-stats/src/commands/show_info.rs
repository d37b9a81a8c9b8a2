//! `show info`: the process as a whole, with HAProxy's names and positions.

use std::fmt::Write as _;

use proxy_admin::{Answer, Call, Command, CommandResult, Level};
use proxy_engine::commands::Handle;

use crate::forms::json;
use crate::info::facts::Info;
use crate::info::table::{FACTS, Fact};
use crate::process::Process;
use crate::value::Value;

inventory::submit! {
    Command::new(
        &["show", "info"],
        "[desc|float|json|typed]*",
        Level::User,
        "facts about the running process",
        show_info,
    )
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    typed: bool,
    json: bool,
    described: bool,
    /// Whether values that have a fraction are shown with it.
    float: bool,
}

fn show_info(call: &mut Call<'_>) -> CommandResult {
    show(&Info::gather(call.get::<Process>()?, call.get::<Handle>()?), call.arguments)
}

fn show(info: &Info, arguments: &[String]) -> CommandResult {
    let mut shape = Shape::default();
    for word in arguments {
        match &**word {
            "typed" => (shape.typed, shape.json) = (true, false),
            "json" => (shape.typed, shape.json) = (false, true),
            "desc" => shape.described = true,
            "float" => shape.float = true,
            // As in HAProxy others are ignored.
            _ => {}
        }
    }
    Ok(Answer::Data(if shape.json { array(info, shape) } else { dump(info, shape) }))
}

/// Returns a line for each fact.
fn dump(info: &Info, shape: Shape) -> String {
    let mut text = String::new();
    for Fact { position, name, tags, help, value, float, .. } in FACTS {
        let (kind, shown) = match (float.filter(|_| shape.float), value(info)) {
            (_, None) => continue,
            (Some(float), _) => ("flt", format!("{:.6}", float(info))),
            // A fact is one line, whatever a description contains.
            (None, Some(Value::Text(text))) => ("str", text.replace(['\n', '\r'], " ")),
            (None, Some(value)) => (value.type_name(), value.to_string()),
        };
        // Writing to a string cannot fail.
        let _ = match shape.typed {
            true => write!(text, "{position}.{name}.1:{tags}:{kind}:{shown}"),
            false => write!(text, "{name}: {shown}"),
        };
        if shape.described {
            let _ = write!(text, ":\"{help}\"");
        }
        text.push('\n');
    }
    text
}

/// Returns an array of JSON.
fn array(info: &Info, shape: Shape) -> String {
    let mut text = String::from("[");
    for Fact { position, name, tags, help, value, .. } in FACTS {
        let Some(value) = value(info) else { continue };
        if text.len() > 1 {
            text.push(',');
        }
        let _ = write!(text, "{{\"field\":{{\"pos\":{position},\"name\":\"{name}\"}},\"processNum\":1,");
        json::tags(&mut text, tags);
        text.push(',');
        json::typed_value(&mut text, &value);
        if shape.described {
            let _ = write!(text, ",\"desc\":{}", json::quoted(help));
        }
        text.push('}');
    }
    text + "]\n"
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::*;

    fn info() -> Info {
        let started = UNIX_EPOCH + Duration::from_secs(1_000_000);
        Info::new("3.5-test", 2, started, Duration::from_secs(2 * 86_400 + 3 * 3_600 + 4 * 60 + 5))
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let plain = dump(&info(), Shape::default());
        let begins = format!(
            "Name: Braid\nVersion: 3.5-test\nNbthread: 2\nNbproc: 1\nProcess_num: 1\nPid: {}\n\
             Uptime: 2d 3h04m05s\nUptime_sec: 183845\nPoolFailed: 0\nMaxSslConns: 0\n",
            std::process::id()
        );
        assert!(plain.starts_with(&begins), "{plain}");
        assert!(!plain.contains("\nMaxconn: "), "{plain}");
    }

    #[test]
    fn forms() {
        let info = Info { max_connections: Some(10), bytes_out: Some(1 << 40), ..info() };
        let typed = dump(&info, Shape { typed: true, ..Shape::default() });
        assert!(typed.starts_with("0.Name.1:POSV:str:Braid\n1.Version.1:POSV:str:3.5-test\n"), "{typed}");
        assert!(
            typed.contains("\n15.Maxconn.1:CLPV:u32:10\n")
                && typed.contains("\n61.TotalBytesOut.1:MGPV:u64:1099511627776\n"),
            "{typed}"
        );
        assert!(
            dump(&info, Shape { described: true, ..Shape::default() })
                .contains("\nMaxconn: 10:\"limit on connections\"\n")
        );
        assert!(
            dump(&info, Shape { typed: true, described: true, ..Shape::default() })
                .contains("\n15.Maxconn.1:CLPV:u32:10:\"limit on connections\"\n")
        );
        let lines = Info { description: Some("a\n\nPid: 0".into()), started: SystemTime::now(), ..info };
        assert!(dump(&lines, Shape::default()).contains("\ndescription: a  Pid: 0\n"));
    }

    #[test]
    fn positions_are_in_order_and_used_once() {
        assert!(FACTS.windows(2).all(|pair| pair[0].position < pair[1].position));
    }

    #[test]
    fn words_of_the_command() {
        let info = Info::new("1.2.3", 2, UNIX_EPOCH, Duration::from_secs(90_061));
        let ask = |words: &[&str]| match show(
            &info,
            &words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(),
        ) {
            Ok(Answer::Data(text)) => text,
            other => format!("{other:?}"),
        };
        let answer = ask(&[]);
        assert!(answer.starts_with("Name: Braid\nVersion: 1.2.3\nNbthread: 2\n"), "{answer}");
        assert!(
            answer.contains(&format!("\nPid: {}\nUptime: 1d 1h01m01s\n", std::process::id())),
            "{answer}"
        );
        assert!(ask(&["typed"]).contains("\n4.Nbproc.1:CGSV:u32:1\n"));
        assert!(ask(&["float"]).contains("\nUptime_sec: 90061.000000\n"));
        assert!(ask(&["typed", "float"]).contains("\n8.Uptime_sec.1:MDPV:flt:90061.000000\n"));
        let json = ask(&["json", "desc"]);
        let first = "[{\"field\":{\"pos\":0,\"name\":\"Name\"},\"processNum\":1,\"tags\":{\"origin\":\"Product\",\
                     \"nature\":\"Output\",\"scope\":\"Service\"},\"value\":{\"type\":\"str\",\"value\":\"Braid\"},\
                     \"desc\":\"the product\"},{";
        assert!(json.starts_with(first) && json.ends_with("}]\n"), "{json}");
    }
}
