//! Replies that rules describe.

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

/// A reply that a rule describes.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The error message of the section for a status.
    Message(ErrorStatus),
    /// The error message of an `http-errors` section.
    Reference(Reference),
    /// A reply that is always the same.
    Fixed(Arc<Answer>),
    /// A reply that depends on the exchange.
    Written(Template),
}

/// A reply with formats in it.
#[derive(Debug)]
pub(crate) struct Template {
    status: u16,
    /// The fields, with names in lower case. A field whose value is empty is not sent.
    fields: Vec<(Vec<u8>, Format)>,
    content_type: Option<Vec<u8>>,
    body: Body,
}

/// The body of a reply.
#[derive(Debug)]
enum Body {
    Fixed(Arc<[u8]>),
    Format(Format),
}

impl Reply {
    /// Returns the verdict of a rule with this reply.
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
    /// Returns the reply, made now if nothing in it depends on the exchange.
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
