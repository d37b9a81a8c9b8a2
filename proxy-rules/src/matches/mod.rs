//! Matches, one file for each or for several similar ones. Each file submits its entries; nothing here names them.

mod address;
mod beginning;
mod binary;
mod boolean;
mod case;
mod dotted;
mod ending;
mod exact;
mod found;
mod integer;
mod length;
mod method;
mod ranges;
mod regular;
mod substring;
#[cfg(test)]
mod testing;
mod words;

pub use dotted::DOTTED_VERSION;
