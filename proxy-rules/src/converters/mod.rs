//! Converters, one file for each or for several similar ones. Each file submits its entries; nothing here names them.

mod arithmetic;
mod base64;
mod bytes;
mod case;
mod compare;
mod concat;
mod field;
mod fix;
mod forwarded;
mod has_ctl;
mod hex;
mod host;
mod iif;
mod json;
mod length;
mod mqtt;
mod operand;
mod param;
mod part;
mod regsub;
mod reverse;
mod simple;
mod to_decimal;
mod trim;
mod url;
mod word;
