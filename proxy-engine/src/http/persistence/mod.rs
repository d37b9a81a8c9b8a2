//! Persistence by cookies: leads the requests of a client to the server that has served it before.
//!
//! * `request`: reads the cookie of a request, finds its server, and hides the cookie from the server.
//! * `response`: changes the cookie of a response, or adds one. `cacheable`: whether caches may store the response.
//! * `dates`: the dates in the value of a cookie.

mod cacheable;
mod dates;
mod request;
mod response;

pub(crate) use cacheable::is_cacheable;
pub(crate) use dates::Dates;
pub(crate) use request::ClientCookies;
pub(crate) use response::ServerCookies;
