//! HTTP/1.1: an origin that answers with bytes of the pattern, and a client that checks every one of them.
//!
//! Both are one thread with one epoll, so that on a machine where they share a core they leave as much of it as can be
//! to each other, and the proxy in between is what limits. Neither knows more of HTTP than a judge of a proxy needs: no
//! pipelining, no TLS, no content codings. What is received is held against what was asked for by the byte; how it was
//! framed (length, chunks, end of stream) is up to the proxy, as long as the framing itself is right.

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
mod visit;

pub use client::HttpRunError;
pub use head::HeadError;
pub use origin::{HttpOrigin, HttpOriginCounts};
pub use pace::Amount;
pub use plan::{HttpJob, HttpPlan};
pub use report::HttpReport;
pub use resource::Resource;
pub use run::run_http;
