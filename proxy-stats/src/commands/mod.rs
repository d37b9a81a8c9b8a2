//! The commands of the runtime socket about statistics. Each file submits its entry.

mod clear_counters;
mod show_info;
mod show_schema;
mod show_stat;
