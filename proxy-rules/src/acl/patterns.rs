//! Patterns in files (`-f`), one per line. Empty lines and lines that begin with `#` are skipped.

use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Parsed};

use crate::expression::last_of;
use crate::matching::{Comparison, MatchEntry, Pattern, Patterns};
use crate::text::Text;

/// The largest file that is read, in bytes: a larger one is most likely a mistake.
const LARGEST: u64 = 64 << 20;

/// Reads a pattern file. With `opt@` before its name the file may be missing.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub(super) fn read_file(name: &Text<'_>) -> Parsed<Vec<Pattern>> {
    let span = name.span();
    let (optional, path) = match name.as_str().split_once('@') {
        Some(("opt", path)) => (true, path),
        Some(("file", path)) => (false, path),
        Some(("virt", _)) => {
            let message = "HAProxy prefix 'virt@' of pattern files is not supported yet";
            return Err(Box::new(Diagnostic::alert(span, message)));
        }
        _ => (false, name.as_str()),
    };
    let failed =
        |reason: String| Box::new(Diagnostic::alert(span, format!("cannot read '{path}': {reason}")));
    match std::fs::metadata(path) {
        Err(error) if optional && error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error.to_string())),
        Ok(facts) if facts.len() > LARGEST => return Err(failed("it is larger than 64 MiB".to_owned())),
        Ok(_) => {}
    }
    let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '\t'])).zip(1..);
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(|(line, number)| Pattern { text: line.to_owned(), span, line: Some(number) }).collect())
}

/// The most mistakes of one line and its files that are reported.
const MOST: usize = 10;

/// Creates a match. Of several patterns that are not valid, all are reported up to a limit.
///
/// # Errors
/// Returns the last mistake; the others are reported directly.
pub(super) fn matching(
    entry: &MatchEntry,
    patterns: Patterns,
    files: &[Text<'_>],
    surroundings: &mut Surroundings<'_>,
) -> Parsed<Box<dyn Comparison>> {
    let problem = match (entry.make)(&patterns) {
        Ok(matching) => return Ok(matching),
        Err(problem) => problem,
    };
    let Patterns { list, ignore_case } = patterns;
    let mut problems = Vec::new();
    for pattern in list {
        let (span, line) = (pattern.span, pattern.line);
        let Err(mut problem) = (entry.make)(&Patterns { list: vec![pattern], ignore_case }) else { continue };
        if let Some(line) = line
            && let Some(file) = files.iter().find(|file| file.span() == span)
        {
            problem.message = format!("{} (line {line} of '{}')", problem.message, file.as_str());
        }
        if problems.len() == MOST {
            problem.message = format!("there are more patterns that are not valid than these {MOST}");
            problem.help = None;
            problems.push(problem);
            break;
        }
        problems.push(problem);
    }
    Err(last_of(problems, surroundings).unwrap_or(problem))
}
