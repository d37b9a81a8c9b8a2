//! Where the states of servers are read from when the program starts.

/// `server-state-file` and `server-state-base`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateFiles {
    /// The file with the states of the servers of all sections.
    pub file: Option<String>,
    /// The directory of files whose names do not begin with a `/`.
    pub base: Option<String>,
}

impl StateFiles {
    /// Returns the path of a file.
    pub fn path(&self, file: &str) -> String {
        match &self.base {
            Some(base) if !file.starts_with('/') => format!("{}/{file}", base.trim_end_matches('/')),
            _ => file.to_owned(),
        }
    }
}

/// `load-server-state-from-file`: which file has the states of the servers of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateSource {
    /// No file.
    #[default]
    None,
    /// The file of all sections.
    Global,
    /// A file of its own.
    Local,
}

/// `server-state-file-name`: the name of the file of a section, if it is not the name of the section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateFileName(pub Option<String>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_for_relative_names() {
        let files = |base: Option<&str>| StateFiles { file: None, base: base.map(str::to_owned) };
        assert_eq!(files(None).path("a"), "a");
        assert_eq!(files(Some("/d")).path("a"), "/d/a");
        assert_eq!(files(Some("/d/")).path("a"), "/d/a");
        assert_eq!(files(Some("/d")).path("/a"), "/a");
    }
}
