//! What the proxy answers by itself.
//!
//! * [`Answer`]: a complete response, or the silence of a connection that is closed. Error messages are answers
//!   ([`crate::errors`]), and rules come to some.
//! * [`reply`]: the words with which `return`, `deny` and `tarpit` describe an answer.
//! * [`redirect`]: the words of `redirect`, of the directive and of the action.
//! * [`monitor`]: who asks whether the proxy is well is not led to a server.
//!
//! What never changes is made when the configuration is read: a use of it copies the head, and shares the body.

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

/// What the client gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status that it is counted and logged by. An error file may say another one to the client.
    pub status: u16,
    /// The response. Without one the connection is closed, and nothing is said.
    pub message: Option<Message>,
    /// What makes the response anew for each exchange.
    template: Option<Arc<Template>>,
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its head. `content-length` is there, and right; nothing about the connection is.
    pub head: Response,
    /// Its body.
    pub body: Arc<[u8]>,
    /// Whether the connection is closed behind it.
    pub close: bool,
}

impl Answer {
    /// The silence that an empty error file asks for.
    pub fn silence(status: u16) -> Answer {
        Answer { status, message: None, template: None }
    }

    /// One that tells something of the exchange that it is an answer to.
    pub(crate) fn written(status: u16, template: Arc<Template>) -> Answer {
        Answer { status, message: None, template: Some(template) }
    }

    /// Whether it has to be [made](Self::made_for) before it is sent.
    pub fn is_written(&self) -> bool {
        self.template.is_some()
    }

    /// It for an exchange, if it tells something of that.
    pub fn made_for(&self, context: &mut Context<'_>) -> Option<Answer> {
        Some(self.template.as_ref()?.answer(context))
    }
}
