//! Who speaks: the program, its machine and its process, as the header of a line names them.

/// Who speaks, as the header of a line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The program's name (`log-tag`).
    pub tag: String,
    /// The machine's name, if it is to be sent (`log-send-hostname`).
    pub hostname: Option<String>,
    /// The process.
    pub pid: u32,
}

impl Identity {
    /// This process under a tag, without a host name.
    pub fn new(tag: &str) -> Identity {
        Identity { tag: tag.to_owned(), hostname: None, pid: std::process::id() }
    }
}
