//! The steps of a row of the table.

use super::message::Message;

/// A row: its name, the lines of its `listen` section, its steps.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) settings: &'static str,
    pub(super) steps: Vec<Step>,
}

pub(super) fn row(name: &'static str, settings: &'static str, steps: impl Into<Vec<Step>>) -> Row {
    let steps: Vec<Step> = steps.into();
    Row { name, settings, steps: steps.into_iter().flat_map(Step::single).collect() }
}

/// Something that a peer does, or that it has to receive. Sending takes no time and does not wait.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The client sends this request, and the server receives it.
    Brings(Message),
    /// The server sends this response, and the client receives it.
    Returns(Message),

    /// The client sends a request.
    Asks(Message),
    /// The client sends the head of a request, and this number of bytes of its body.
    Begins(Message, usize),
    /// The client sends the rest of that request.
    GoesOn,
    /// The client sends half of a head.
    Hesitates(Message),
    /// The client sends something that is neither a message nor a part of one.
    Babbles,
    /// The client sends these bytes.
    Says(&'static [u8]),
    /// The client closes its direction.
    Leaves,
    /// The client resets its connection.
    Breaks,
    /// The client leaves, and another one connects.
    NextClient,

    /// The server refuses connections.
    Refuses,
    /// The frontend has no backend from now on, and another client connects.
    LeadsNowhere,
    /// The server receives this request, on its current connection if it has one.
    Asked(Message),
    /// The server receives this request on a new connection, which replaces the current one.
    AskedAnew(Message),
    /// The server receives the head of this request and this number of bytes of its body.
    AskedPart(Message, usize),
    /// The server receives these bytes.
    Told(&'static [u8]),
    /// The server sends this response.
    Answers(Message),
    /// The server sends this response, and ends a body of unknown length with its connection where its language has
    /// that framing.
    AnswersToTheEnd(Message),
    /// The server sends the head of a response and this number of bytes of its body.
    AnswersPart(Message, usize),
    /// The server sends something that is neither a message nor a part of one.
    AnswersJunk,
    /// The server sends these bytes.
    Replies(&'static [u8]),
    /// The server closes its connection.
    Closes,
    /// The server receives the end.
    IsLeft,
    /// At least this many bytes of the server's output are not taken, however long it waits.
    IsHeldUp(usize),

    /// The client receives this response.
    Gets(Message),
    /// The client receives the head of this response and this number of bytes of its body.
    GetsPart(Message, usize),
    /// The client receives this response, and reads no more than 4 KiB in 10 ms.
    GetsSlowly(Message),
    /// The client receives a reply of the proxy with this status.
    GetsError(&'static str),
    /// The client receives these bytes.
    Hears(&'static [u8]),
    /// The client receives the end, after complete messages.
    IsDone,
    /// The client receives the end in the middle of a message.
    IsCutOff,

    /// This number of milliseconds passes.
    After(u64),
    /// The next line of the log has this status and termination state, and optionally this duration.
    Logs(&'static str),
    /// The next line of the log is one of these: whether a reply to a client that is gone counts as sent depends on
    /// the buffers of its connection.
    LogsEither(&'static str, &'static str),
}

impl Step {
    /// Returns the steps that this one stands for.
    fn single(self) -> Vec<Step> {
        match self {
            Step::Brings(message) => vec![Step::Asks(message.clone()), Step::Asked(message)],
            Step::Returns(message) => vec![Step::Answers(message.clone()), Step::Gets(message)],
            step => vec![step],
        }
    }
}
