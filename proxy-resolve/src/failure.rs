//! Why a name could not be resolved.

/// What an answer without usable records says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It cannot be understood.
    Invalid,
    /// The name does not exist.
    NoSuchName,
    /// The server does not answer this question.
    Refused,
    /// The name has no such records.
    NoRecords,
    /// It ends with a name that has no address, or has an address of another name.
    BrokenChain,
    /// It does not fit, also over TCP.
    Truncated,
    /// Any other error.
    Other,
}

/// How resolving a name has ended last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// With an answer.
    Valid,
    /// The name does not exist.
    NoSuchName,
    /// The servers refuse the question.
    Refused,
    /// No server has answered.
    TimedOut,
    /// With any other failure.
    Other,
}

impl Status {
    /// Returns the reason that the log gives for the maintenance of a server whose name has no address, as HAProxy
    /// writes it.
    pub fn cause(self) -> &'static str {
        match self {
            Status::Valid => "No IP for server ",
            Status::NoSuchName => "DNS NX status",
            Status::Refused => "DNS refused status",
            Status::TimedOut => "DNS timeout status",
            Status::Other => "unspecified DNS error",
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Status {
        match failure {
            Failure::NoSuchName => Status::NoSuchName,
            Failure::Refused => Status::Refused,
            Failure::Invalid
            | Failure::NoRecords
            | Failure::BrokenChain
            | Failure::Truncated
            | Failure::Other => Status::Other,
        }
    }
}
