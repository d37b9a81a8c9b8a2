//! Checks that the value of each keyword is read.
//!
//! A keyword whose value is parsed and stored but never read is accepted silently and has no effect. So each crate with
//! keywords has a table with the place that reads the value of each one, and [`check_readers`] compares it with the
//! sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::code::{identifiers, outside_of_tests};
use crate::directive::{Directive, Parameter, Scope};

/// The reader of the value of a keyword.
#[derive(Clone, Copy, Debug)]
pub enum ReadBy {
    /// A file, relative to the crate, and an identifier that occurs in its code, for instance the field that is read.
    File(&'static str, &'static str),
    /// None is needed, for this reason: the keyword is executed while it is parsed, or reports that it has no effect.
    Nobody(&'static str),
}

/// A row: a keyword and its reader. The parameters of bind and server lines are written after `bind` or `server`, those
/// of both after `line`.
pub type Row = (&'static str, ReadBy);

/// Checks that these are the keywords of a crate and that each is read where its row says. `manifest` is the crate's
/// `CARGO_MANIFEST_DIR`; files below `declarations`, relative to it, only declare types and read nothing.
///
/// # Panics
/// Panics with a list of all that is wrong: keywords without a row, rows without a keyword, and files that do not
/// exist, only implement the keyword or lack the identifier.
pub fn check_readers(manifest: &str, declarations: &[&str], rows: &[Row]) {
    let sources = Sources { manifest: Path::new(manifest), declarations };
    let wrong = sources.problems(rows);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sources of a crate.
struct Sources<'a> {
    manifest: &'a Path,
    declarations: &'a [&'a str],
}

impl Sources<'_> {
    fn problems(&self, rows: &[Row]) -> Vec<String> {
        let keywords = self.keywords();
        let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
        for (keyword, read_by) in rows {
            if !seen.insert(*keyword) {
                wrong.push(format!("'{keyword}' has two rows"));
            }
            let Some(implementation) = keywords.get(*keyword) else {
                wrong.push(format!("'{keyword}' has a row and is not a keyword of this crate"));
                continue;
            };
            if let ReadBy::File(file, identifier) = read_by
                && let Err(problem) = self.reads(implementation, file, identifier)
            {
                let mut others = self.readers(implementation, file, identifier).join(", ");
                if others.is_empty() {
                    others.push_str("no file");
                }
                wrong.push(format!("'{keyword}': {file} {problem}; '{identifier}' occurs in: {others}"));
            }
        }
        let missing = keywords.keys().filter(|keyword| !seen.contains(keyword.as_str()));
        wrong.extend(missing.map(|keyword| format!("'{keyword}' has no row: where is its value read?")));
        wrong
    }

    /// Returns the linked keywords that the crate implements, each with its file relative to the crate.
    fn keywords(&self) -> BTreeMap<String, PathBuf> {
        let directives =
            inventory::iter::<Directive>.into_iter().map(|entry| (entry.name.to_owned(), entry.file));
        let parameters = inventory::iter::<Parameter>.into_iter().map(|entry| {
            let line = match entry.scope {
                Scope::Bind => "bind",
                Scope::Server => "server",
                Scope::Both => "line",
            };
            (format!("{line} {}", entry.name), entry.file)
        });
        let all = directives.chain(parameters);
        all.filter_map(|(keyword, file)| Some((keyword, self.within(file)?))).collect()
    }

    /// Converts a path, which may be relative to the workspace, to one relative to the crate; `None` if it is in
    /// another crate.
    fn within(&self, file: &str) -> Option<PathBuf> {
        let parts: Vec<_> = Path::new(file).components().map(|part| part.as_os_str()).collect();
        let name = self.manifest.file_name()?;
        let at = parts.windows(2).position(|pair| pair[0] == name && pair[1] == "src")?;
        Some(parts[at + 1..].iter().collect())
    }

    /// Checks that a file of this crate, or of another one of the workspace, may be a reader and has the identifier.
    fn reads(&self, implementation: &Path, file: &str, identifier: &str) -> Result<(), &'static str> {
        let file = Path::new(file);
        if file == implementation {
            return Err("implements the keyword");
        }
        if self.declarations.iter().any(|folder| file.starts_with(folder)) {
            return Err("only declares what is stored");
        }
        if file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs") {
            return Err("is a test");
        }
        let source = fs::read_to_string(self.manifest.join(file)).map_err(|_| "cannot be read")?;
        match identifiers(outside_of_tests(&source)).contains(identifier) {
            true => Ok(()),
            false => Err("does not have the identifier"),
        }
    }

    /// Returns all files that could be the reader, in the crate that has `file`.
    fn readers(&self, implementation: &Path, file: &str, identifier: &str) -> Vec<String> {
        let (of_crate, _) = file.split_once("src/").unwrap_or_default();
        let mut found = Vec::new();
        let mut folders = vec![format!("{of_crate}src")];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(self.manifest.join(&folder)).into_iter().flatten().flatten();
            for entry in entries {
                let path = format!("{folder}/{}", entry.file_name().display());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if self.reads(implementation, &path, identifier).is_ok() {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::ReadBy::{File, Nobody};
    use super::*;

    fn problems(rows: &[Row]) -> Vec<String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Sources { manifest, declarations: &["src/condition"] }.problems(rows)
    }

    #[test]
    fn what_is_wrong_is_reported() {
        for (row, expected) in [
            (("mode", File("src/keywords/mode.rs", "Mode")), "src/keywords/mode.rs implements the keyword"),
            (
                ("mode", File("src/condition/mod.rs", "Mode")),
                "src/condition/mod.rs only declares what is stored",
            ),
            (("mode", File("tests/reading.rs", "Mode")), "tests/reading.rs is a test"),
            (("mode", File("src/nowhere.rs", "Mode")), "src/nowhere.rs cannot be read"),
            (("mode", File("src/size.rs", "Mode")), "src/size.rs does not have the identifier"),
        ] {
            let found = problems(&[row]);
            assert!(found[0].starts_with(&format!("'mode': {expected};")), "{found:?}");
            assert!(found[0].ends_with("src/lib.rs"), "{found:?}");
            assert!(found.len() > 1 && found[1..].iter().all(|problem| problem.contains("has no row")));
        }
        let twice = ("mode", Nobody("it is tried here"));
        assert_eq!(problems(&[twice, twice])[0], "'mode' has two rows");
        let unknown = problems(&[("mood", Nobody("it is tried here"))]);
        assert_eq!(unknown[0], "'mood' has a row and is not a keyword of this crate");
        assert!(unknown.contains(&"'mode' has no row: where is its value read?".to_owned()));
    }
}
