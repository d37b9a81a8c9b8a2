//! Converters, one file for each or for those that are made alike. Each submits its entries; nothing here names them.

mod case;
mod field;
mod length;
