//! The answer that a rule describes.

mod arguments;
#[cfg(test)]
mod tests;

pub(crate) use arguments::status as reply_status;

use std::sync::Arc;

use super::{Answer, Head};
use crate::context::Context;
use crate::errors::{ErrorStatus, Reference};
use crate::format::Format;
use crate::verdict::Verdict;

/// An answer that a rule describes.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The error message that the section has for a status.
    Message(ErrorStatus),
    /// The error message that an `http-errors` section has.
    Reference(Reference),
    /// One that is always the same.
    Fixed(Arc<Answer>),
    /// One that tells something of the exchange.
    Written(Template),
}

/// An answer with formats in it.
#[derive(Debug)]
pub(crate) struct Template {
    status: u16,
    /// Names in lower case. A field whose value turns out empty is not sent.
    fields: Vec<(Vec<u8>, Format)>,
    content_type: Option<Vec<u8>>,
    body: Body,
}

/// What the body of an answer is.
#[derive(Debug)]
enum Body {
    Fixed(Arc<[u8]>),
    Format(Format),
}

impl Reply {
    /// What a rule with this answer comes to.
    pub(crate) fn verdict(&self, context: &mut Context<'_>, denies: bool) -> Verdict {
        let answer = match self {
            Reply::Message(status) => return Verdict::Error { status: status.code(), denies },
            Reply::Reference(reference) => Answer::clone(&reference.answer()),
            Reply::Fixed(answer) => Answer::clone(answer),
            Reply::Written(template) => template.answer(context),
        };
        Verdict::Answer { answer: Box::new(answer), denies }
    }
}

impl Template {
    /// The reply: made now if nothing in it depends on the exchange.
    fn reply(self) -> Reply {
        let body = match &self.body {
            Body::Fixed(body) => Some(body.clone()),
            Body::Format(format) => format.literal().map(Arc::from),
        };
        let fields = self.fields.iter().map(|(name, format)| Some((name, format.literal()?)));
        match (body, fields.collect::<Option<Vec<_>>>()) {
            (Some(body), Some(fields)) => {
                let mut head = Head::new(self.status);
                fields
                    .iter()
                    .filter(|(_, value)| !value.is_empty())
                    .for_each(|(name, value)| head.field(name, value));
                Reply::Fixed(Arc::new(self.end(head, body)))
            }
            _ => Reply::Written(self),
        }
    }

    pub(super) fn answer(&self, context: &mut Context<'_>) -> Answer {
        let mut head = Head::new(self.status);
        for (name, format) in &self.fields {
            context.build(
                |context, value| format.write(context, value),
                |_, value| {
                    if !value.is_empty() {
                        head.field(name, value);
                    }
                },
            );
        }
        let body = match &self.body {
            Body::Fixed(body) => body.clone(),
            Body::Format(format) => {
                context.build(|context, value| format.write(context, value), |_, value| Arc::from(value))
            }
        };
        self.end(head, body)
    }

    fn end(&self, mut head: Head, body: Arc<[u8]>) -> Answer {
        head.field(b"content-length", body.len().to_string().as_bytes());
        if let Some(content_type) = self.content_type.as_ref().filter(|_| !body.is_empty()) {
            head.field(b"content-type", content_type);
        }
        head.answer(self.status, body)
    }
}
