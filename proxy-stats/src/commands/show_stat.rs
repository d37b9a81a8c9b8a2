//! `show stat`: the statistics, in the form that is asked for. The answer is sent object by object.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_engine::commands::Handle;

use crate::forms::Form;
use crate::selection::{Bounds, Selection, proxies};

inventory::submit! {
    Command::asynchronous(
        &["show", "stat"],
        "[domain proxy] [{<iid>|<proxy>} <type> <sid>] [desc|json|no-maint|typed|up]*",
        Level::User,
        "statistics of frontends, listeners, servers and backends",
        |call| Box::pin(show_stat(call)),
    )
}

async fn show_stat(call: Call<'_>) -> CommandResult {
    let engine = call.get::<Handle>()?;
    let (mut selection, form) = read(engine, call.arguments)?;
    selection.legends = call.client.level >= Level::Operator;
    // Only JSON is one value; the lines of other forms are sent as they are made.
    let mut array = form.head();
    let mut is_first = true;
    for proxy in proxies(engine).iter().filter(|proxy| selection.has(proxy)) {
        for subject in selection.subjects(proxy) {
            let object = form.object(&subject, is_first);
            is_first = false;
            match form {
                Form::Json { .. } => array.push_str(&object),
                Form::Csv | Form::Typed { .. } => {
                    array.push_str(&object);
                    call.send(std::mem::take(&mut array)).await;
                }
            }
        }
    }
    array.push_str(form.end());
    Ok(if array.is_empty() { Answer::Nothing } else { Answer::Data(array) })
}

/// Reads the arguments. As in HAProxy unknown words are ignored.
fn read(engine: &Handle, mut words: &[String]) -> Result<(Selection, Form), Refusal> {
    if words.first().is_some_and(|word| word == "domain") {
        match words.get(1).map(String::as_str) {
            Some("proxy") => words = &words[2..],
            _ => return Err(Refusal::new("Invalid statistics domain.")),
        }
    }
    let mut selection = Selection::default();
    if let [proxy, kinds, id, rest @ ..] = words {
        selection.bounds = Some(bounds(engine, proxy, kinds, id)?);
        words = rest;
    }
    let (mut form, mut described) = (Form::Csv, false);
    for word in words {
        match &**word {
            "typed" => form = Form::Typed { described: false },
            "json" => form = Form::Json { described: false },
            "desc" => described = true,
            "no-maint" => selection.without_maintenance = true,
            "up" => selection.only_up = true,
            _ => {}
        }
    }
    let form = match form {
        Form::Csv => Form::Csv,
        Form::Typed { .. } => Form::Typed { described },
        Form::Json { .. } => Form::Json { described },
    };
    Ok((selection, form))
}

fn bounds(engine: &Handle, proxy: &str, kinds: &str, id: &str) -> Result<Bounds, Refusal> {
    let named = engine.frontend(proxy).map(|frontend| frontend.id());
    let named = named.or_else(|| engine.backend(proxy).map(|backend| backend.id()));
    let proxy = match named {
        Some(id) => Some(id),
        None => match number(proxy) {
            0 => return Err(Refusal::new("No such proxy.")),
            number => u32::try_from(number).ok(),
        },
    };
    Ok(Bounds { proxy, kinds: number(kinds), id: u32::try_from(number(id)).ok() })
}

/// Reads the number at the beginning of a word, 0 without one, as HAProxy does.
fn number(word: &str) -> i32 {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse::<i32>().map_or(0, |number| sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_by_haproxy() {
        assert_eq!(["-1", "12", "3x", "x", ""].map(number), [-1, 12, 3, 0, 0]);
    }
}
