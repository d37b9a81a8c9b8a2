//! The sender of log lines: program, machine and process, as the header of a line names them.

/// The sender, as the header of a line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The program's name (`log-tag`).
    pub tag: String,
    /// The machine's name, if it is to be sent (`log-send-hostname`).
    pub hostname: Option<String>,
    /// The process ID.
    pub pid: u32,
}

impl Identity {
    /// Returns the identity of this process with a tag and without a host name.
    pub fn new(tag: &str) -> Identity {
        Identity { tag: tag.to_owned(), hostname: None, pid: std::process::id() }
    }
}
