//! Requests that a service answers in place of a server.

use std::rc::Rc;
use std::sync::Arc;

use proxy_rules::{Served, Service, ServiceCall, Verdict};

use super::{Exchange, Forwarded, Stop};
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::observe::Stage;

impl Exchange<'_> {
    /// Has a service answer the request. Its answer is sent like other replies of the proxy.
    pub(super) async fn serve_by(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
        service: Arc<dyn Service>,
    ) -> Result<Forwarded, Stop> {
        self.activity.meter.borrow_mut().served_by(service.name());
        if service.wants_body(&self.messages.request) {
            self.read_ahead(front, facts).await?;
        }
        let body = self.upload.take();
        let worker = Rc::clone(&self.connection.worker);
        let values = worker.published.wait().await;
        let served = self.with_context(front, false, |context| {
            service.answer(context, ServiceCall { body: &body, facts: values })
        });
        worker.memory.give(body);
        let verdict = match served {
            Served::Answer { answer, denies } => Verdict::Answer { answer, denies },
            Served::Error { status, denies } => Verdict::Error { status, denies },
        };
        // Either ends the exchange.
        self.conclude(verdict, Stage::Request).and(Err(Stop::Silent))
    }
}
