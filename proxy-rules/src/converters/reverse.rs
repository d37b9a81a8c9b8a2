//! `reverse`, `reverse_dom`: a reversed text, or the reversed labels of a domain.

use std::borrow::Cow;

use super::simple::simple;
use crate::sample::{Sample, Type};

simple!("reverse", Type::Text, Type::Text, "backwards", |sample| {
    let Sample::Text(text) = sample else { return None };
    let mut text = text.into_owned();
    text.reverse();
    Some(Sample::Text(Cow::Owned(text)))
});

simple!("reverse_dom", Type::Text, Type::Text, "the labels of a domain backwards: com.example", |sample| {
    let name = sample.bytes()?;
    // A dot at the end means that the name is fully qualified.
    let name = name.strip_suffix(b".").unwrap_or(name);
    let mut text = Vec::with_capacity(name.len());
    for label in name.rsplit(|byte| *byte == b'.') {
        if label.is_empty() {
            return None;
        }
        if !text.is_empty() {
            text.push(b'.');
        }
        text.extend_from_slice(label);
    }
    Some(Sample::Text(Cow::Owned(text)))
});
