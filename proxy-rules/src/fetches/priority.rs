//! `prio_class`, `prio_offset`: the place in queues that rules have set.

use super::simple::simple;
use crate::changes::Priority;
use crate::context::Context;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn priority(context: &Context<'_>) -> Priority {
    context.changes.as_ref().map(|changes| changes.priority).unwrap_or_default()
}

simple!("prio_class", Type::Integer, Need::Client, "the class that rules have set for queues", |context| {
    Some(Sample::Integer(priority(context).class.into()))
});
simple!(
    "prio_offset",
    Type::Integer,
    Need::Client,
    "the offset in milliseconds that rules have set for queues",
    |context| { Some(Sample::Integer(priority(context).offset.into())) }
);
