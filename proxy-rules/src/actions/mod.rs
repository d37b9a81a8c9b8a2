//! Actions of rules, one file for each action or kind of actions. Each file submits its entries; nothing here names
//! them.

mod accept;
mod address;
mod allow;
mod capture;
mod change;
mod close;
mod del_header;
mod deny;
mod do_resolve;
mod field_name;
mod header;
mod log_level;
mod marking;
mod method;
mod nice;
mod priority;
mod redirect;
mod reject;
mod replace_header;
mod return_reply;
mod silent_drop;
mod status;
mod strict_mode;
mod switch_mode;
mod target;
mod tarpit;
mod use_service;
mod variable;

pub(crate) use field_name::name_of;
