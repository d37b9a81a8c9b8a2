//! HTTP/1.1: an origin that responds with bytes of the pattern, and a client that checks every one of them.
//!
//! Each of them is one thread with one epoll, so that on a machine where they share a core each leaves as much of
//! it as possible to the other, and the proxy in between is the limit. Neither supports more of HTTP than a test of
//! a proxy needs: no pipelining, no TLS, no content codings. The bytes received are compared with those requested
//! one by one; their framing (length, chunks, end of stream) is up to the proxy, as long as it is valid.

mod client;
mod connection;
mod framing;
mod head;
mod origin;
mod outgoing;
mod pace;
mod plan;
mod report;
mod resource;
mod run;
mod served;

pub use client::HttpRunError;
pub use head::HeadError;
pub use origin::{HttpOrigin, HttpOriginCounts};
pub use pace::Amount;
pub use plan::{HttpJob, HttpPlan};
pub use report::HttpReport;
pub use resource::Resource;
pub use run::run_http;
