//! The text of a configuration and places in it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of a configuration, as an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A part of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The line, counted from 1.
    pub line: u32,
    /// The first byte, counted from 0 within the line.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// Returns the span from the beginning of this one to the end of `last`, which is on the same line.
    #[must_use]
    pub fn to(self, last: Span) -> Span {
        Span { end: last.end.max(self.end), ..self }
    }

    /// Returns the empty span after it.
    #[must_use]
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// The names of the files of a configuration, to tell places once their texts are not needed any more. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FileNames(Arc<[String]>);

impl FileNames {
    /// Returns the name of a file, which is empty if there is no such file.
    pub fn get(&self, file: FileId) -> &str {
        self.0.get(file.0 as usize).map_or("", String::as_str)
    }
}

/// A value and the place where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A file.
#[derive(Clone, Debug)]
struct Source {
    name: String,
    text: Vec<u8>,
    /// The offset at which each line begins.
    lines: Vec<usize>,
}

/// All files of a configuration, in the order in which they are read. The text is bytes: a comment may be in any
/// encoding.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

/// The error of a file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot open configuration file/directory {path}: {source}")]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The cause.
    pub source: io::Error,
}

impl Sources {
    /// Adds a text with the name of a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> FileId {
        let text = text.into();
        let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).filter(|begin| *begin < text.len()).collect();
        self.0.push(Source { name: name.into(), text, lines });
        FileId(self.0.len() as u32 - 1)
    }

    /// Adds a file, or all files of a directory whose names end in `.cfg` and do not begin with a dot, sorted by name.
    ///
    /// # Errors
    /// Returns an error about the first one that cannot be read.
    pub fn load(&mut self, path: &Path) -> Result<(), ReadError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| ReadError { path, source }
        };
        if !std::fs::metadata(path).map_err(failed(path))?.is_dir() {
            let text = std::fs::read(path).map_err(failed(path))?;
            self.add(path.display().to_string(), text);
            return Ok(());
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed(path))? {
            let file = entry.map_err(failed(path))?.path();
            let hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden && file.extension().is_some_and(|extension| extension == "cfg") && file.is_file() {
                files.push(file);
            }
        }
        files.sort();
        files.iter().try_for_each(|file| self.load(file))
    }

    /// Returns all files.
    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.0.len() as u32).map(FileId)
    }

    /// Returns the names of all files.
    pub fn names(&self) -> FileNames {
        FileNames(self.0.iter().map(|source| source.name.clone()).collect())
    }

    /// Returns the name of a file.
    pub fn name(&self, file: FileId) -> &str {
        self.0.get(file.0 as usize).map_or("", |source| &source.name)
    }

    /// Returns the number of lines of a file.
    pub fn lines(&self, file: FileId) -> u32 {
        self.0.get(file.0 as usize).map_or(0, |source| source.lines.len() as u32)
    }

    /// Returns a line, counted from 1, without its line ending.
    pub fn line(&self, file: FileId, line: u32) -> &[u8] {
        let whole = self.raw_line(file, line);
        let whole = whole.strip_suffix(b"\n").unwrap_or(whole);
        whole.strip_suffix(b"\r").unwrap_or(whole)
    }

    /// Returns whether the last line of a file ends with a line feed.
    pub fn is_whole(&self, file: FileId) -> bool {
        self.0.get(file.0 as usize).is_none_or(|source| source.text.last().is_none_or(|byte| *byte == b'\n'))
    }

    fn raw_line(&self, file: FileId, line: u32) -> &[u8] {
        let Some(source) = self.0.get(file.0 as usize) else { return &[] };
        let index = (line as usize).wrapping_sub(1);
        let Some(&begin) = source.lines.get(index) else { return &[] };
        let end = source.lines.get(index + 1).copied().unwrap_or(source.text.len());
        &source.text[begin..end]
    }

    /// Creates the span of a part of a line.
    pub fn span(file: FileId, line: u32, start: usize, end: usize) -> Span {
        let column = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file, line, start: column(start), end: column(end) }
    }
}
