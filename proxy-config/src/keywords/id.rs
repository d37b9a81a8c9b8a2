//! `id`, `description`: what identifies a proxy, a listener or a server besides its name.

use crate::directive::{Directive, Parameter, Scope};
use crate::section::{Kind, Sections};

/// The number that identifies it in statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub u32);

/// A description for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(pub String);

const HIGHEST: u32 = i32::MAX as u32;

inventory::submit! {
    Directive::new("id", "<number>", Sections::PROXY, "a number for statistics", |line| {
        let id = line.args.number(1..=HIGHEST, "an identifier")?;
        line.section.set(Id(id));
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("id", Scope::Both, "<number>", "a number for statistics", |endpoint| {
        let id = endpoint.args.number(1..=HIGHEST, "an identifier")?;
        endpoint.values.set(Id(id));
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "description",
        "<text>",
        Sections::PROXY.union(Sections::only(Kind::Global)),
        "a description for people",
        |line| {
            let first = line.args.word("a text")?.text.clone();
            let words = line.args.rest().iter().map(|word| word.text.clone());
            let text = std::iter::once(first).chain(words).collect::<Vec<_>>().join(" ");
            line.section.set(Description(text));
            Ok(())
        },
    )
}
