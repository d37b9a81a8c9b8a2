//! Replies that the proxy makes itself.
//!
//! * [`Answer`]: a complete response, or a connection that is closed without one. Error messages are answers
//!   ([`crate::errors`]), and so are the replies of rules.
//! * [`reply`]: the arguments with which `return`, `deny` and `tarpit` describe a reply.
//! * [`redirect`]: the arguments of the directive and of the action `redirect`.
//! * [`monitor`]: replies to health checks of the proxy itself.
//!
//! Replies that never change are made when the configuration is read: sending one copies the head, and shares the body.

mod head;
mod monitor;
mod redirect;
mod reply;
#[cfg(test)]
pub(crate) mod testing;

pub use monitor::Monitor;
pub use redirect::Redirects;

pub(crate) use head::Head;
pub(crate) use redirect::{Redirect, RedirectRules};
pub(crate) use reply::{Reply, Template, reply_status};

use std::sync::Arc;

use proxy_http::Response;

use crate::context::Context;

/// A reply to the client.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status for counters and logs. An error file may send another one to the client.
    pub status: u16,
    /// The response. Without one the connection is closed and nothing is sent.
    pub message: Option<Message>,
    /// The template that makes the response for each exchange.
    template: Option<Arc<Template>>,
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct Message {
    /// The head. It has the right `content-length`, and no field about the connection.
    pub head: Response,
    /// The body.
    pub body: Arc<[u8]>,
    /// Whether the connection is closed after the response.
    pub close: bool,
}

impl Answer {
    /// Returns the reply of an empty error file: the connection is closed without a response.
    pub fn silence(status: u16) -> Answer {
        Answer { status, message: None, template: None }
    }

    /// Creates a reply with these fields, whose names are in lower case, and this body.
    pub fn made(status: u16, fields: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut head = Head::new(status);
        fields.iter().for_each(|(name, value)| head.field(name.as_bytes(), value.as_bytes()));
        head.field(b"content-length", body.len().to_string().as_bytes());
        head.answer(status, body.into())
    }

    /// Creates a reply whose response depends on the exchange.
    pub(crate) fn written(status: u16, template: Arc<Template>) -> Answer {
        Answer { status, message: None, template: Some(template) }
    }

    /// Returns whether the response has to be [made](Self::made_for) before it is sent.
    pub fn is_written(&self) -> bool {
        self.template.is_some()
    }

    /// Returns the reply for an exchange, or `None` if it does not depend on the exchange.
    pub fn made_for(&self, context: &mut Context<'_>) -> Option<Answer> {
        Some(self.template.as_ref()?.answer(context))
    }
}
