//! Aliases that are a plain function which writes the value.

/// Submits an alias: its name, what it needs, one line of help, the function.
macro_rules! alias {
    ($name:literal, $needs:ident, $help:literal, $write:expr $(, $with:ident)*) => {
        inventory::submit! {
            $crate::format::AliasEntry::new($name, $crate::points::Need::$needs, $help, $write)$(.$with())*
        }
    };
}

pub(super) use alias;
