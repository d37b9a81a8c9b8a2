//! What happens in a row of the table, step by step.

use super::message::Message;

/// A row: its name, what its `listen` section says, what happens.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) settings: &'static str,
    pub(super) steps: Vec<Step>,
}

pub(super) fn row(name: &'static str, settings: &'static str, steps: impl Into<Vec<Step>>) -> Row {
    let steps: Vec<Step> = steps.into();
    Row { name, settings, steps: steps.into_iter().flat_map(Step::single).collect() }
}

/// Something that a peer does, or that has to come to it. What is said takes no time and waits for nobody.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The client asks, and this comes to the server.
    Brings(Message),
    /// The server answers, and this comes to the client.
    Returns(Message),

    /// The client says a message.
    Asks(Message),
    /// The client says the head of a message, and so much of its body.
    Begins(Message, usize),
    /// The client says the rest of it.
    GoesOn,
    /// The client says half of a head.
    Hesitates(Message),
    /// The client says something that is no message, nor a part of one.
    Babbles,
    /// The client says these bytes.
    Says(&'static [u8]),
    /// The client closes its direction.
    Leaves,
    /// The client resets its connection.
    Breaks,
    /// The client goes, and another one comes.
    NextClient,

    /// Nobody listens where the server is.
    Refuses,
    /// The frontend has no backend, and another client comes.
    LeadsNowhere,
    /// This comes to the server, on the connection it has if it has one.
    Asked(Message),
    /// The same on a new connection; the one before is no longer looked at.
    AskedAnew(Message),
    /// So much of this comes to it.
    AskedPart(Message, usize),
    /// These bytes come to it.
    Told(&'static [u8]),
    /// The server answers.
    Answers(Message),
    /// The server answers, and ends a body of unknown length with its connection where its language can say so.
    AnswersToTheEnd(Message),
    /// The server says the head of an answer and so much of its body.
    AnswersPart(Message, usize),
    /// The server says something that is no message, nor a part of one.
    AnswersJunk,
    /// The server says these bytes.
    Replies(&'static [u8]),
    /// The server closes its connection.
    Closes,
    /// The end comes to the server.
    IsLeft,
    /// Of what the server says this much at least is not taken, whatever time goes by.
    IsHeldUp(usize),

    /// This comes to the client.
    Gets(Message),
    /// So much of this comes to it.
    GetsPart(Message, usize),
    /// This comes to it, and it takes no more than 4 KiB in 10 ms.
    GetsSlowly(Message),
    /// An answer of the proxy with this status comes to it.
    GetsError(&'static str),
    /// These bytes come to it.
    Hears(&'static [u8]),
    /// The end comes to the client, after whole messages.
    IsDone,
    /// The end comes to the client, in the middle of a message.
    IsCutOff,

    /// So many milliseconds go by.
    After(u64),
    /// The next line of the log: the status, who ended it how, and perhaps how long it took.
    Logs(&'static str),
    /// Either of these lines is logged: whether a client that is gone takes a reply depends on what its connection keeps.
    LogsEither(&'static str, &'static str),
}

impl Step {
    /// The steps that it stands for.
    fn single(self) -> Vec<Step> {
        match self {
            Step::Brings(message) => vec![Step::Asks(message.clone()), Step::Asked(message)],
            Step::Returns(message) => vec![Step::Answers(message.clone()), Step::Gets(message)],
            step => vec![step],
        }
    }
}
