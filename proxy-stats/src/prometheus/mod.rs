//! `http-request use-service prometheus-exporter`: all statistics as metrics of Prometheus, with the names and labels of
//! HAProxy's exporter, so that dashboards go on to work.
//!
//! * `parameters`: what a request asks for. `exposition`: the text format. `families`: the metrics of objects.
//!   `process`: those of the process.

mod exposition;
mod families;
mod parameters;
mod process;

use std::sync::Arc;

use proxy_engine::commands::Handle;
use proxy_http::{Method, Target};
use proxy_rules::{Answer, Context, Served, Service, ServiceCall, ServiceEntry};

use self::exposition::Exposition;
use self::parameters::Parameters;
use crate::process::Process;

inventory::submit! {
    ServiceEntry {
        name: "prometheus-exporter",
        help: "statistics as metrics of Prometheus",
        make: || Arc::new(Exporter),
    }
}

/// The service.
#[derive(Debug)]
struct Exporter;

impl Service for Exporter {
    fn name(&self) -> &'static str {
        "<PROMEX>"
    }

    fn answer(&self, context: &mut Context<'_>, call: ServiceCall<'_>) -> Served {
        let Some(request) = context.request.as_deref() else {
            return Served::failed(500);
        };
        if !matches!(request.method(), Method::Get | Method::Head) {
            return Served::denied(405);
        }
        let query = Target::parse(request.target()).query.unwrap_or_default();
        let Some(parameters) = Parameters::read(query) else {
            return Served::denied(400);
        };
        let facts = call.facts.and_then(|facts| Some((facts.get::<Handle>()?, facts.get::<Process>()?)));
        let Some((engine, process)) = facts else {
            // The program is starting.
            return Served::failed(503);
        };
        let mut exposition = Exposition::new(&parameters);
        process::write(&mut exposition, process, engine);
        families::write(&mut exposition, engine);
        let fields = [("cache-control", "no-cache"), ("content-type", exposition::CONTENT_TYPE)];
        Served::with(Answer::made(200, &fields, exposition.into_text().into_bytes()))
    }
}
