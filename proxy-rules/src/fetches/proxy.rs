//! `so_name`, `so_id`, `fe_name`, `fe_id`, `be_name`, `be_id`, `srv_name`, `srv_id`: the listener, the frontend, the
//! backend and the server.

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn text(name: &str) -> Sample<'_> {
    Sample::Text(name.as_bytes().into())
}

simple!("so_name", Type::Text, Need::Frontend, "the name of the listener", |context| {
    context.session.listener_name().map(text)
});
simple!("so_id", Type::Integer, Need::Frontend, "the number of the listener", |context| {
    Some(Sample::Integer(context.session.listener_number().into()))
});
simple!("fe_name", Type::Text, Need::Frontend, "the name of the frontend", |context| {
    Some(text(context.session.frontend_name()))
});
simple!("fe_id", Type::Integer, Need::Frontend, "the number of the frontend", |context| {
    context.session.frontend_number().map(|id| Sample::Integer(id.into()))
});
simple!("be_id", Type::Integer, Need::Backend, "the number of the backend", |context| {
    context.session.backend_number().map(|id| Sample::Integer(id.into()))
});
simple!("srv_id", Type::Integer, Need::Server, "the number of the server, once one is chosen", |context| {
    context.session.server_number().map(|id| Sample::Integer(id.into()))
});
simple!("be_name", Type::Text, Need::Backend, "the name of the backend", |context| {
    context.session.backend_name().map(text)
});
simple!("srv_name", Type::Text, Need::Server, "the name of the server, once one is chosen", |context| {
    context.session.server_name().map(text)
});
